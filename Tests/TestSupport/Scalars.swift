/// Texts in which a special byte has every Unicode scalar before and after it.
///
/// - Parameter special: The special text, such as `/`.
/// - Returns: About 1100 texts with a thousand scalars each: special, scalar, special, scalar, …, special.
public func textsOfAllScalars(around special: String) -> [String] {
  allScalars.map { chunk in
    var text = special
    for scalar in chunk {
      text.unicodeScalars.append(scalar)
      text += special
    }
    return text
  }
}

/// All Unicode scalars, a thousand at a time.
public let allScalars: [[Unicode.Scalar]] = stride(from: UInt32(0), to: 0x110000, by: 1024).map {
  ($0..<$0 + 1024).compactMap(Unicode.Scalar.init)
}.filter { !$0.isEmpty }

/// The scalars that Swift joins with their neighbours to one `Character`, and the plain ones up to
/// U+3000, for functions that are too slow for all.
public let joiningScalars: [Unicode.Scalar] = allScalars.joined().filter {
  $0.value < 0x3000 || "a\($0)".count == 1 || "\($0)a".count == 1
}
