/// Texts in which a special byte has every Unicode scalar before it and behind it.
///
/// - Parameter special: What must stay what it is, such as `/`.
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

/// The scalars that Swift joins with what stands before or behind them to one `Character`, and those that are
/// plain up to U+3000: where a function is too slow for all.
public let joiningScalars: [Unicode.Scalar] = allScalars.joined().filter {
  $0.value < 0x3000 || "a\($0)".count == 1 || "\($0)a".count == 1
}
