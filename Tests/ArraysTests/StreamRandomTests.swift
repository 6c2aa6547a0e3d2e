import Arrays
import Foundation
import Testing

@Suite struct StreamRandomTests {
  @Test func bitsAreThoseOfXoshiro256StarStar() throws {
    // The reference implementation's first outputs for the state 1, 2, 3, 4.
    var random = try JSONDecoder().decode(
      StreamRandom.self, from: Data(#"{"state": [1, 2, 3, 4]}"#.utf8))
    let expected: [UInt64] = [
      11520, 0, 1_509_978_240, 1_215_971_899_390_074_240, 1_216_172_134_540_287_360,
      607_988_272_756_665_600, 16_172_922_978_634_559_625, 8_476_171_486_693_032_832,
    ]
    #expect(expected.map { _ in random.next() } == expected)
  }

  @Test func everyStreamIsDifferentAndRepeatable() {
    var seen: Set<UInt64> = []
    for seed in 0..<10 as Range<UInt64> {
      for epoch in 0..<10 as Range<UInt64> {
        for index in 0..<10 as Range<UInt64> {
          var random = StreamRandom(seed: seed, stream: epoch, index)
          var again = StreamRandom(seed: seed, stream: epoch, index)
          let first = random.next()
          #expect(first == again.next())
          seen.insert(first)
        }
      }
    }
    #expect(seen.count == 1000)
    var short = StreamRandom(seed: 1, stream: 1)
    var long = StreamRandom(seed: 1, stream: 1, 0)
    #expect(short.next() != long.next())
  }

  @Test func resumesFromItsStoredState() throws {
    var random = StreamRandom(seed: 5, stream: 3, 2)
    for _ in 0..<17 { _ = random.next() }
    var restored = try JSONDecoder().decode(
      StreamRandom.self, from: JSONEncoder().encode(random))
    for _ in 0..<100 { #expect(restored.next() == random.next()) }
  }

  @Test func distributionsHaveTheirMoments() {
    var random = StreamRandom(seed: 11)
    let count = 200_000
    let gaussians = (0..<count).map { _ in random.gaussian(mean: 2, standardDeviation: 3) }
    let mean = gaussians.reduce(0, +) / Double(count)
    let variance = gaussians.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count)
    // Five standard errors: 3/√200000 ≈ 0.0067 for the mean, 9·√(2/200000) ≈ 0.028.
    #expect(abs(mean - 2) < 0.034)
    #expect(abs(variance - 9) < 0.15)
    let uniforms = (0..<count).map { _ in random.uniform(in: -1...3) }
    #expect(uniforms.allSatisfy { (-1...3).contains($0) })
    #expect(abs(uniforms.reduce(0, +) / Double(count) - 1) < 0.013)
    let heads = (0..<count).filter { _ in random.bernoulli(0.3) }.count
    #expect(abs(Double(heads) / Double(count) - 0.3) < 0.006)
    #expect(Set((0..<1000).map { _ in random.integer(in: 2...4) }) == [2, 3, 4])
    #expect(!random.bernoulli(0) && random.bernoulli(1))
  }

  @Test func noiseHasTheAskedMomentsForAnyLength() {
    var random = StreamRandom(seed: 12)
    for count in [0, 1, 7, 8, 1001] {
      var noise = [Float](repeating: .nan, count: count)
      noise.withUnsafeMutableBufferPointer { random.fillWithGaussians($0, standardDeviation: 2) }
      #expect(noise.allSatisfy { $0.isFinite }, "\(count) numbers")
    }
    var noise = [Float](repeating: 0, count: 400_000)
    noise.withUnsafeMutableBufferPointer { random.fillWithGaussians($0, standardDeviation: 2) }
    let moments = (1...4).map { power in
      noise.reduce(0.0) { $0 + pow(Double($1) / 2, Double(power)) } / Double(noise.count)
    }
    // Five standard errors of each moment of the standard normal distribution.
    #expect(abs(moments[0]) < 0.008)
    #expect(abs(moments[1] - 1) < 0.012)
    #expect(abs(moments[2]) < 0.031)
    #expect(abs(moments[3] - 3) < 0.078)
    let beyondThree = Double(noise.filter { abs($0) > 6 }.count) / Double(noise.count)
    #expect(abs(beyondThree - 0.0027) < 0.0005)
    var neighbours = 0.0
    for index in 1..<noise.count { neighbours += Double(noise[index] * noise[index - 1]) / 4 }
    #expect(abs(neighbours / Double(noise.count)) < 0.008)
  }
}
