import HostSystem

/// The layout of the pixels in a BMP file.
struct BMPLayout {
  /// The storage of a pixel.
  enum Pixels {
    /// A number of 1, 4 or 8 bits that is the value itself.
    case gray(bits: Int)
    /// The index of a color in a palette of red, green and blue.
    case palette(bits: Int, colors: [[UInt8]])
    /// Bytes: blue, green, red, and padding.
    case colors(bytes: Int)
    /// Groups of bits in a number of 2 or 4 bytes.
    case masks(bytes: Int, [UInt32])

    var channels: Int {
      switch self {
      case .gray: 1
      case .palette, .colors: 3
      case .masks(_, let masks): masks.count
      }
    }

    var bits: Int {
      switch self {
      case .gray(let bits), .palette(let bits, _): bits
      case .colors(let bytes), .masks(let bytes, _): 8 * bytes
      }
    }
  }

  let width: Int
  let height: Int
  let pixels: Pixels
  /// Whether the first row in the file is the upper one.
  private let isTopDown: Bool
  private let dataOffset: Int
  private let stride: Int

  init(_ bytes: [UInt8], path: String) throws(ImagingError) {
    guard bytes.starts(with: Array("BM".utf8)) else {
      throw .wrongFormat(path: path, format: "BMP", reason: "it does not begin with BM")
    }
    guard bytes.count >= 54 else {
      throw .truncated(path: path, expectedBytes: 54, availableBytes: bytes.count)
    }
    let fields = BinaryFields(bytes: bytes, isBigEndian: false)
    let (dataOffset, headerSize): (UInt32, UInt32) = (fields.number(at: 10), fields.number(at: 14))
    let (storedWidth, storedHeight): (Int32, Int32) = (
      fields.number(at: 18), fields.number(at: 22)
    )
    guard headerSize >= 40, headerSize <= 256 else {
      throw .unsupported(path: path, feature: "its header has \(headerSize) bytes")
    }
    width = Int(storedWidth)
    height = abs(Int(storedHeight))
    isTopDown = storedHeight < 0
    self.dataOffset = Int(dataOffset)
    guard width > 0, height > 0 else {
      throw .invalidHeader(
        path: path, field: "the size", value: "\(storedWidth)×\(storedHeight)",
        expected: "numbers of pixels")
    }
    pixels = try Self.pixels(fields, headerSize: Int(headerSize), path: path)
    // Rows end at a multiple of four bytes; both numbers fit into 32 bits.
    stride = (width * pixels.bits + 31) / 32 * 4
    let size = stride.multipliedReportingOverflow(by: height)
    let end = size.partialValue.addingReportingOverflow(self.dataOffset)
    guard !size.overflow, !end.overflow, end.partialValue <= bytes.count else {
      throw .truncated(
        path: path, expectedBytes: end.partialValue, availableBytes: bytes.count)
    }
  }

  private static func pixels(
    _ fields: BinaryFields, headerSize: Int, path: String
  ) throws(ImagingError) -> Pixels {
    let (bits, compression): (UInt16, UInt32) = (fields.number(at: 28), fields.number(at: 30))
    switch (bits, compression) {
    case (1, 0), (4, 0), (8, 0):
      return try indexed(fields, headerSize: headerSize, bits: Int(bits), path: path)
    case (16, 0): return .masks(bytes: 2, [0x7C00, 0x03E0, 0x001F])
    case (24, 0): return .colors(bytes: 3)
    case (32, 0): return .colors(bytes: 4)
    case (16, 3), (32, 3):
      guard fields.bytes.count >= 70 else {
        throw .truncated(path: path, expectedBytes: 70, availableBytes: fields.bytes.count)
      }
      // Older headers have no mask for alpha.
      var masks = (0..<4).map { index -> UInt32 in fields.number(at: 54 + 4 * index) }
      if headerSize < 56 || masks[3] == 0 { masks.removeLast() }
      guard masks.allSatisfy({ $0 != 0 }) else {
        throw .invalidHeader(
          path: path, field: "a mask of colors", value: "0", expected: "bits of a pixel")
      }
      return .masks(bytes: Int(bits) / 8, masks)
    case (_, 1), (_, 2), (_, 4), (_, 5):
      throw .unsupported(path: path, feature: "its pixels are compressed (method \(compression))")
    default:
      throw .invalidHeader(
        path: path, field: "the bits of a pixel", value: "\(bits)", expected: "1, 4, 8, 16, 24, 32")
    }
  }

  private static func indexed(
    _ fields: BinaryFields, headerSize: Int, bits: Int, path: String
  ) throws(ImagingError) -> Pixels {
    let given: UInt32 = fields.number(at: 46)
    let count = given == 0 ? 1 << bits : Int(given)
    let start = 14 + headerSize
    guard count <= 1 << bits, start + 4 * count <= fields.bytes.count else {
      throw .invalidHeader(
        path: path, field: "the number of colors", value: "\(count)",
        expected: "at most \(1 << bits), and as many in the file")
    }
    let colors = (0..<count).map { color in
      (0..<3).map { fields.bytes[start + 4 * color + 2 - $0] }
    }
    let isGray = colors.indices.allSatisfy { index in
      // Two colors count as gray if they are black and white.
      let gray = UInt8(clamping: count == 2 ? 255 * index : index)
      return colors[index].allSatisfy { $0 == gray }
    }
    return isGray ? .gray(bits: bits) : .palette(bits: bits, colors: colors)
  }

  /// The values of all pixels, upper row first, with adjacent values of each pixel.
  func decoded(_ bytes: [UInt8]) -> [UInt8] {
    var values: [UInt8] = []
    values.reserveCapacity(width * height * pixels.channels)
    for row in 0..<height {
      let start = dataOffset + stride * (isTopDown ? row : height - 1 - row)
      let line = bytes[start..<start + stride]
      switch pixels {
      case .gray(let bits):
        for column in 0..<width { values.append(Self.index(line, column, bits)) }
      case .palette(let bits, let colors):
        for column in 0..<width {
          // Numbers beyond the palette are black.
          let index = Int(Self.index(line, column, bits))
          values += index < colors.count ? colors[index] : [0, 0, 0]
        }
      case .colors(let size):
        for column in 0..<width {
          let pixel = start + column * size
          values += [bytes[pixel + 2], bytes[pixel + 1], bytes[pixel]]
        }
      case .masks(let size, let masks):
        for column in 0..<width {
          let pixel = start + column * size
          let number = (0..<size).reduce(UInt32(0)) { $0 | UInt32(bytes[pixel + $1]) << (8 * $1) }
          for mask in masks { values.append(Self.value(number, mask)) }
        }
      }
    }
    return values
  }

  private static func index(_ line: ArraySlice<UInt8>, _ column: Int, _ bits: Int) -> UInt8 {
    let byte = line[line.startIndex + column * bits / 8]
    return byte >> (8 - bits - column * bits % 8) & UInt8(clamping: (1 << bits) - 1)
  }

  /// The bits below a mask, spread over 0...255.
  private static func value(_ pixel: UInt32, _ mask: UInt32) -> UInt8 {
    let largest = UInt64(mask >> mask.trailingZeroBitCount)
    let value = UInt64((pixel & mask) >> mask.trailingZeroBitCount)
    return UInt8(clamping: value * 255 / largest)
  }
}
