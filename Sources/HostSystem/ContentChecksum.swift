/// A checksum of text and numbers: FNV-1a over words of 64 bits.
///
/// Every change of a single word changes it; other changes go unnoticed once in 2⁶⁴. It protects
/// against faulty disks, not against people.
package struct ContentChecksum: Sendable {
  private var hash = FNVHash()

  package init() {}

  /// Adds a text; the division into parts counts, not only the bytes.
  package mutating func add(_ bytes: UnsafeRawBufferPointer) {
    // A copy, which stays in registers.
    var (hash, offset) = (hash, 0)
    while offset + 8 <= bytes.count {
      hash.add(
        UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
      offset += 8
    }
    var rest: UInt64 = 0
    while offset < bytes.count {
      rest = rest << 8 | UInt64(bytes[offset])
      offset += 1
    }
    // The length distinguishes values that differ only by zeros at their end.
    hash.add(rest)
    hash.add(UInt64(bytes.count))
    self.hash = hash
  }

  /// Adds a text.
  package mutating func add(_ text: String) {
    var text = text
    text.withUTF8 { add(UnsafeRawBufferPointer($0)) }
  }

  package var value: UInt64 { hash.value }

  /// The value as 16 hexadecimal digits.
  package var text: String { value.zeroPadded(to: 16, radix: 16) }
}
