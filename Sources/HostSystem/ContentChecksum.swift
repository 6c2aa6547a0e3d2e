/// A checksum of text and numbers: FNV-1a over words of 64 bits.
///
/// Every change of a single word changes it; other changes go unnoticed once in 2⁶⁴. It protects
/// against faulty disks, not against people.
package struct ContentChecksum: Sendable {
  package private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

  package init() {}

  /// Adds a text; the division into parts counts, not only the bytes.
  package mutating func add(_ bytes: UnsafeRawBufferPointer) {
    var (hash, offset) = (value, 0)
    while offset + 8 <= bytes.count {
      let word = UInt64(
        littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
      hash = (hash ^ word) &* 0x100_0000_01b3
      offset += 8
    }
    var rest: UInt64 = 0
    while offset < bytes.count {
      rest = rest << 8 | UInt64(bytes[offset])
      offset += 1
    }
    // The length distinguishes values that differ only by zeros at their end.
    hash = (hash ^ rest) &* 0x100_0000_01b3
    value = (hash ^ UInt64(bytes.count)) &* 0x100_0000_01b3
  }

  /// Adds a text.
  package mutating func add(_ text: String) {
    var text = text
    text.withUTF8 { add(UnsafeRawBufferPointer($0)) }
  }

  /// The value as 16 hexadecimal digits.
  package var text: String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
