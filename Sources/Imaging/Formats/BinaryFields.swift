/// Numbers at given places in the bytes of a header.
struct BinaryFields {
  var bytes: [UInt8]
  var isBigEndian: Bool

  /// The number at a place within the bytes.
  func number<Number: FixedWidthInteger>(at offset: Int) -> Number {
    let size = MemoryLayout<Number>.size
    precondition(offset >= 0 && offset <= bytes.count - size, "a field outside the header")
    let number = bytes.withUnsafeBytes {
      $0.loadUnaligned(fromByteOffset: offset, as: Number.self)
    }
    return isBigEndian ? Number(bigEndian: number) : Number(littleEndian: number)
  }

  func float(at offset: Int) -> Float { Float(bitPattern: number(at: offset)) }

  func double(at offset: Int) -> Double { Double(bitPattern: number(at: offset)) }
}

/// Consecutive numbers, as in headers.
struct BinaryWriter {
  var bytes: [UInt8] = []
  var isBigEndian: Bool

  init(isBigEndian: Bool) { self.isBigEndian = isBigEndian }

  mutating func append(_ number: some FixedWidthInteger) {
    withUnsafeBytes(of: isBigEndian ? number.bigEndian : number.littleEndian) {
      bytes.append(contentsOf: $0)
    }
  }

  /// Replaces a number.
  mutating func replace(_ number: some FixedWidthInteger, at offset: Int) {
    withUnsafeBytes(of: isBigEndian ? number.bigEndian : number.littleEndian) {
      bytes.replaceSubrange(offset..<offset + $0.count, with: $0)
    }
  }

  /// Appends zeros until there are `count` bytes.
  mutating func pad(to count: Int) {
    bytes.append(contentsOf: repeatElement(0, count: max(0, count - bytes.count)))
  }
}
