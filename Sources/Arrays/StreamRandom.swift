/// A random generator with any number of independent streams.
///
/// A stream is named by a seed and any number of integers, for example the epoch and the position
/// in the batch: a sample draws the same numbers, whichever thread makes it and in whatever order.
/// The bits are those of xoshiro256** (Blackman and Vigna, 2021, doi:10.1145/3460772), seeded with
/// SplitMix64.
package struct StreamRandom: RandomNumberGenerator, Hashable, Sendable, Codable {
  private var state: SIMD4<UInt64>

  /// Opens the stream named by `seed` and `stream`.
  package init(seed: UInt64, stream: UInt64...) {
    self.init(seed: seed, path: stream)
  }

  /// Opens the stream named by `seed` and the numbers of `path`.
  package init(seed: UInt64, path: [UInt64]) {
    var mixer = SplitMix64(state: seed)
    for number in path {
      // The odd factor and the offset distinguish (1, 2) from (2, 1), and (1) from (1, 0).
      mixer = SplitMix64(state: mixer.next() ^ (number &* 0xD134_2543_DE82_EF95 &+ 1))
    }
    state = SIMD4(mixer.next(), mixer.next(), mixer.next(), mixer.next())
  }

  package mutating func next() -> UInt64 {
    let scrambled = state.y &* 5
    let result = (scrambled << 7 | scrambled >> 57) &* 9
    let shifted = state.y << 17
    state.z ^= state.x
    state.w ^= state.y
    state.y ^= state.z
    state.x ^= state.w
    state.z ^= shifted
    state.w = state.w << 45 | state.w >> 19
    return result
  }
}

/// The generator that spreads seeds (Steele, Lea and Flood, 2014, doi:10.1145/2714064.2660195).
private struct SplitMix64 {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    return Self.mixed(state)
  }

  static func mixed(_ value: UInt64) -> UInt64 {
    var mixed = value
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }
}
