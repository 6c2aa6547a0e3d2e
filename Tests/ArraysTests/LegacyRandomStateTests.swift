import Arrays
import Foundation
import TestSupport
import Testing

@Suite struct LegacyRandomStateTests {
  struct Draws: Decodable {
    var seed: UInt32
    var bits: [UInt32]
    var uniform: [Double]
    var narrowIntegers: [Int]
    var wideIntegers: [Int]
    var shuffled50: [Int]
    var permuted13: [Int]
    var chosen5Of20: [Int]
    var chosen8Of20000: [Int]
    var mixed: [Mixed]

    enum CodingKeys: String, CodingKey {
      case seed, bits, uniform, mixed
      case narrowIntegers = "randint_7_23"
      case wideIntegers = "randint_wide"
      case shuffled50 = "shuffle_50"
      case permuted13 = "permutation_13"
      case chosen5Of20 = "choice_20_5"
      case chosen8Of20000 = "choice_20000_8"
    }
  }

  enum Mixed: Decodable, Equatable {
    case number(Double)
    case list([Int])

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let list = try? container.decode([Int].self) {
        self = .list(list)
      } else {
        self = .number(try container.decode(Double.self))
      }
    }
  }

  private func expectedDraws() throws -> [Draws] {
    let data = try Data(contentsOf: fixtureURL("numpy/random_state.json"))
    return try JSONDecoder().decode([Draws].self, from: data)
  }

  @Test func equalsNumPyBitForBit() throws {
    for expected in try expectedDraws() {
      func fresh() -> LegacyRandomState { LegacyRandomState(seed: expected.seed) }
      var random = fresh()
      // 1300 draws pass two regenerations of the 624 words.
      #expect((0..<1300).map { _ in random.next32() }.suffix(10) == expected.bits[...])
      random = fresh()
      #expect((0..<5).map { _ in random.uniform() } == expected.uniform)
      random = fresh()
      #expect((0..<20).map { _ in random.randint(7, 23) } == expected.narrowIntegers)
      random = fresh()
      #expect((0..<6).map { _ in random.randint(-(1 << 40), 1 << 41) } == expected.wideIntegers)
      random = fresh()
      var numbers = Array(0..<50)
      random.shuffle(&numbers)
      #expect(numbers == expected.shuffled50)
      random = fresh()
      #expect(random.permutation(13) == expected.permuted13)
      random = fresh()
      #expect(random.choice(20, count: 5) == expected.chosen5Of20)
      random = fresh()
      #expect(random.choice(20000, count: 8) == expected.chosen8Of20000)
    }
  }

  @Test func drawsOfDifferentKindsFollowOneAnotherAsInNumPy() throws {
    for expected in try expectedDraws() {
      var random = LegacyRandomState(seed: expected.seed)
      let mixed: [Mixed] = [
        .number(random.uniform()), .number(Double(random.randint(0, 10))),
        .number(random.normal()), .number(random.normal(mean: 3, standardDeviation: 2)),
        .list(random.permutation(7)), .list(random.choice(1000, count: 5)),
        .number(random.uniform(-2, 5)),
      ]
      #expect(mixed == expected.mixed)
    }
  }

  @Test func emptyAndSingleCollectionsDrawNothing() {
    var random = LegacyRandomState(seed: 3)
    let before = random
    var one = ["a"]
    random.shuffle(&one)
    #expect(random.permutation(0) == [])
    #expect(random.choice(1, count: 1) == [0])
    #expect(random == before)
  }
}
