import Foundation
import HostSystem

/// The digest of RFC 1321, which archives publish; it finds damage, not intent.
enum MD5 {
  private static let shifts: [UInt32] = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21]

  /// `floor(2³² |sin(i + 1)|)`.
  private static let sines: [UInt32] = (0..<64).map {
    UInt32(trusted: abs(sin(Double($0 + 1))) * 4_294_967_296)
  }

  static func digest(of bytes: UnsafeRawBufferPointer) -> [UInt8] {
    var state: (UInt32, UInt32, UInt32, UInt32) = (
      0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476
    )
    shifts.withUnsafeBufferPointer { shifts in
      sines.withUnsafeBufferPointer { sines in
        forEachBlock(of: bytes, lengthIsBigEndian: false) { block in
          mix(block, into: &state, shifts: shifts, sines: sines)
        }
      }
    }
    return [state.0, state.1, state.2, state.3].flatMap { word in
      withUnsafeBytes(of: word.littleEndian) { Array($0) }
    }
  }

  private static func mix(
    _ block: UnsafeRawPointer, into state: inout (UInt32, UInt32, UInt32, UInt32),
    shifts: UnsafeBufferPointer<UInt32>, sines: UnsafeBufferPointer<UInt32>
  ) {
    var (a, b, c, d) = state
    for index in 0..<64 {
      let value: UInt32
      let word: Int
      switch index / 16 {
      case 0: (value, word) = (b & c | ~b & d, index)
      case 1: (value, word) = (d & b | ~d & c, (5 * index + 1) % 16)
      case 2: (value, word) = (b ^ c ^ d, (3 * index + 5) % 16)
      default: (value, word) = (c ^ (b | ~d), 7 * index % 16)
      }
      let input = UInt32(
        littleEndian: block.loadUnaligned(fromByteOffset: 4 * word, as: UInt32.self))
      let sum = a &+ value &+ sines[index] &+ input
      let shift = shifts[index / 16 * 4 + index % 4]
      (a, d, c, b) = (d, c, b, b &+ (sum << shift | sum >> (32 - shift)))
    }
    state = (state.0 &+ a, state.1 &+ b, state.2 &+ c, state.3 &+ d)
  }
}
