import HostSystem

/// How a block of a TIFF file is compressed.
enum TIFFCompression {
  case none
  case lzw
  case deflate
  case packBits

  init(_ number: Int, path: String) throws(ImagingError) {
    switch number {
    case 1: self = .none
    case 5: self = .lzw
    case 8, 32946: self = .deflate
    case 32773: self = .packBits
    default:
      let names = [
        2: "CCITT", 3: "CCITT", 4: "CCITT", 6: "JPEG", 7: "JPEG", 34712: "JPEG 2000",
        34887: "LERC", 34925: "LZMA", 50000: "Zstandard", 50001: "WebP",
      ]
      throw .unsupported(
        path: path,
        feature: "its pixels are compressed by \(names[number] ?? "the method \(number)")")
    }
  }

  /// The largest number of bytes that one byte can become.
  var largestGrowth: Int {
    switch self {
    case .none: 1
    // A code of at least 9 bits represents at most 4096 bytes.
    case .lzw: 4096
    case .deflate: 1032
    // Two bytes represent at most 128.
    case .packBits: 64
    }
  }

  /// Fills `output` from the bytes of a block; missing bytes remain zero.
  ///
  /// - Returns: The number of available bytes.
  func decode(
    _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer, path: String
  ) throws(ImagingError) -> Int {
    switch self {
    case .none:
      let count = min(input.count, output.count)
      output.copyMemory(from: UnsafeRawBufferPointer(rebasing: input[..<count]))
      return count
    case .deflate:
      guard !input.isEmpty else { return 0 }
      return try GzipInflater(input, path: path, wrapping: .zlib).fill(output)
    case .lzw: return try TIFFWords.decode(input, into: output, path: path)
    case .packBits: return Self.unpack(input, into: output)
    }
  }

  /// PackBits: a count, followed by as many bytes, or by one repeated byte.
  private static func unpack(
    _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
  ) -> Int {
    var (position, filled) = (0, 0)
    while position < input.count, filled < output.count {
      let head = Int8(bitPattern: input[position])
      position += 1
      if head >= 0 {
        let count = min(Int(head) + 1, input.count - position, output.count - filled)
        for index in 0..<count { output[filled + index] = input[position + index] }
        (position, filled) = (position + Int(head) + 1, filled + count)
      } else if head != -128, position < input.count {
        let count = min(1 - Int(head), output.count - filled)
        for index in 0..<count { output[filled + index] = input[position] }
        (position, filled) = (position + 1, filled + count)
      }
    }
    return filled
  }
}

/// Decodes TIFF's form of LZW: codes of 9 to 12 bits, the most significant bit first, one step
/// "early".
enum TIFFWords {
  private static let clear = 256
  private static let end = 257

  static func decode(
    _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer, path: String
  ) throws(ImagingError) -> Int {
    // A word consists of the previous one in the table and one more byte; it occurs somewhere in
    // the decoded bytes.
    var starts = [Int](repeating: 0, count: 4096)
    var lengths = [Int](repeating: 0, count: 4096)
    var (next, width, filled, previous) = (258, 9, 0, -1)
    var (reservoir, bits, position) = (0, 0, 0)
    func damaged() -> ImagingError {
      .damagedCompression(path: path, reason: "the compressed data are wrong (LZW)")
    }
    while filled < output.count {
      while bits < width, position < input.count {
        reservoir = reservoir << 8 | Int(input[position])
        (position, bits) = (position + 1, bits + 8)
      }
      guard bits >= width else { break }
      let code = reservoir >> (bits - width) & ((1 << width) - 1)
      bits -= width
      reservoir &= (1 << bits) - 1
      if code == clear {
        (next, width, previous) = (258, 9, -1)
        continue
      }
      if code == end { break }
      let start = filled
      if code < clear {
        output[filled] = UInt8(code)
        filled += 1
      } else if previous >= 0, code < next {
        for index in 0..<min(lengths[code], output.count - filled) {
          output[filled + index] = output[starts[code] + index]
        }
        filled += min(lengths[code], output.count - filled)
      } else if previous >= 0, code == next {
        // The current word: the previous one and its first byte.
        let count = min(start - previous, output.count - filled)
        for index in 0..<count { output[filled + index] = output[previous + index] }
        filled += count
        if filled < output.count {
          output[filled] = output[previous]
          filled += 1
        }
      } else {
        throw damaged()
      }
      if previous >= 0, next < 4096 {
        // The previous word and the byte after it.
        (starts[next], lengths[next]) = (previous, start - previous + 1)
        next += 1
      }
      previous = start
      if next + 1 >= 1 << width, width < 12 { width += 1 }
    }
    return filled
  }
}
