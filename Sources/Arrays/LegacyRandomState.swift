import Foundation
import HostSystem

/// NumPy's legacy random generator, `numpy.random.RandomState`, bit for bit.
///
/// nnU-Net's splits and sampled foreground locations come from it; equal draws make datasets
/// comparable between implementations. The bits are those of the Mersenne Twister MT19937
/// (Matsumoto and Nishimura, 1998, doi:10.1145/272991.272995). For everything that need not equal
/// NumPy use ``StreamRandom``.
package struct LegacyRandomState: RandomNumberGenerator, Hashable, Sendable, Codable {
  private var words: [UInt32]
  private var position: Int
  private var spareGaussian: Double?

  private static let length = 624

  /// Seeds the generator as `RandomState(seed)` does.
  package init(seed: UInt32) {
    var word = seed
    words = (0..<Self.length).map { index in
      defer { word = 1_812_433_253 &* (word ^ word >> 30) &+ UInt32(index + 1) }
      return word
    }
    position = Self.length
  }

  /// The next 32 bits.
  package mutating func next32() -> UInt32 {
    if position == Self.length { regenerate() }
    var word = words[position]
    position += 1
    word ^= word >> 11
    word ^= word << 7 & 0x9D2C_5680
    word ^= word << 15 & 0xEFC6_0000
    return word ^ word >> 18
  }

  /// The next 64 bits; the upper half is drawn first.
  package mutating func next() -> UInt64 {
    let upper = UInt64(next32())
    return upper << 32 | UInt64(next32())
  }

  private mutating func regenerate() {
    words.withUnsafeMutableBufferPointer { words in
      // Without remainders, so that the compiler vectorizes the loops.
      let (length, shift) = (Self.length, 397)
      for index in 0..<length - shift {
        words[index] = words[index + shift] ^ Self.twist(words[index], words[index + 1])
      }
      for index in length - shift..<length - 1 {
        words[index] = words[index + shift - length] ^ Self.twist(words[index], words[index + 1])
      }
      words[length - 1] = words[shift - 1] ^ Self.twist(words[length - 1], words[0])
    }
    position = 0
  }

  private static func twist(_ word: UInt32, _ next: UInt32) -> UInt32 {
    let mixed = word & 0x8000_0000 | next & 0x7FFF_FFFF
    return mixed >> 1 ^ (0 &- (mixed & 1)) & 0x9908_B0DF
  }

  /// A uniform number in [0, 1) with 53 random bits: `random_sample()`.
  package mutating func uniform() -> Double {
    let upper = Double(next32() >> 5)
    let lower = Double(next32() >> 6)
    return (upper * 67_108_864 + lower) / 9_007_199_254_740_992
  }

  /// A uniform number between two bounds: `uniform(low, high)`.
  package mutating func uniform(_ low: Double, _ high: Double) -> Double {
    low + (high - low) * uniform()
  }

  /// An integer of the half-open range: `randint(low, high)`.
  ///
  /// - Precondition: `low < high`.
  package mutating func randint(_ low: Int, _ high: Int) -> Int {
    precondition(low < high, "randint(\(low), \(high)) has nothing to choose from")
    return low
      &+ Int(truncatingIfNeeded: below(inclusive: UInt64(bitPattern: Int64(high &- 1 &- low))))
  }

  /// A normally distributed number: `normal(mean, standardDeviation)`, by the polar method.
  package mutating func normal(mean: Double = 0, standardDeviation: Double = 1) -> Double {
    if let spare = spareGaussian {
      spareGaussian = nil
      return mean + standardDeviation * spare
    }
    while true {
      let first = 2 * uniform() - 1
      let second = 2 * uniform() - 1
      let radius = first * first + second * second
      guard radius < 1, radius != 0 else { continue }
      let factor = (-2 * log(radius) / radius).squareRoot()
      spareGaussian = factor * first
      return mean + standardDeviation * (factor * second)
    }
  }

  /// Shuffles in place: `shuffle(array)`.
  package mutating func shuffle<Element>(_ array: inout [Element]) {
    for last in stride(from: array.count - 1, to: 0, by: -1) {
      let other = Int(below(inclusive: UInt64(last)))
      array.swapAt(last, other)
    }
  }

  /// Shuffles in place: `shuffle(array)`.
  ///
  /// The same as for all elements, specialized for these.
  package mutating func shuffle(_ array: inout [UInt32]) {
    var random = self
    array.withUnsafeMutableBufferPointer { array in
      for last in stride(from: array.count &- 1, to: 0, by: -1) {
        array.swapAt(last, Int(random.below(inclusive: UInt64(last))))
      }
    }
    self = random
  }

  /// The numbers below `count` in random order: `permutation(count)`.
  package mutating func permutation(_ count: Int) -> [Int] {
    var numbers = Array(0..<count)
    shuffle(&numbers)
    return numbers
  }

  /// `count` different numbers below `population`: `choice(population, count, replace=False)`.
  ///
  /// - Precondition: `count <= population`.
  package mutating func choice(_ population: Int, count: Int) -> [Int] {
    precondition(count <= population, "cannot choose \(count) different of \(population)")
    return Array(permutation(population).prefix(count))
  }

  /// A number in `0...bound` by masking and rejection, as NumPy's legacy functions draw it.
  private mutating func below(inclusive bound: UInt64) -> UInt64 {
    guard bound > 0 else { return 0 }
    let mask = UInt64.max >> UInt64(bound.leadingZeroBitCount)
    if bound <= UInt64(UInt32.max) {
      while true {
        let value = UInt64(next32()) & mask
        if value <= bound { return value }
      }
    }
    while true {
      let value = next() & mask
      if value <= bound { return value }
    }
  }
}
