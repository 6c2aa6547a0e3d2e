package import Foundation

/// The 64-bit Fowler-Noll-Vo hash (FNV-1a).
///
/// It is the same in every run and on every machine, unlike Swift's own hashes, so that it may be
/// stored in files. It guards against chance, not against people.
package struct FNVHash: Hashable, Sendable {
  package private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

  package init() {}

  /// The hash of a text's UTF-8 bytes.
  package init(of text: String) { add(text) }

  /// Adds a byte, or a whole word of 64 bits in one step, which is faster and gives another value
  /// than its eight bytes.
  package mutating func add(_ word: UInt64) { value = (value ^ word) &* 0x100_0000_01b3 }

  /// Adds bytes, one by one.
  package mutating func add(_ bytes: UnsafeRawBufferPointer) {
    for byte in bytes { add(UInt64(byte)) }
  }

  /// Adds bytes, one by one.
  package mutating func add(_ data: Data) { data.withUnsafeBytes { add($0) } }

  /// Adds a text's UTF-8 bytes.
  package mutating func add(_ text: String) {
    for byte in text.utf8 { add(UInt64(byte)) }
  }
}

/// The 32-bit FNV-1a hash of bytes, for short names.
package func shortFNVHash(of bytes: some Sequence<UInt8>) -> UInt32 {
  bytes.reduce(2_166_136_261) { ($0 ^ UInt32($1)) &* 16_777_619 }
}
