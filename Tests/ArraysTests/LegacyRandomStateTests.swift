import Arrays
import Foundation
import TestSupport
import Testing

@Suite struct LegacyRandomStateTests {
  struct Draws: Decodable {
    var seed: UInt32
    var bits: [UInt32]
    var uniform: [Double]
    var randint_7_23: [Int]
    var randint_wide: [Int]
    var shuffle_50: [Int]
    var permutation_13: [Int]
    var choice_20_5: [Int]
    var choice_20000_8: [Int]
    var mixed: [Mixed]
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
      #expect((0..<20).map { _ in random.randint(7, 23) } == expected.randint_7_23)
      random = fresh()
      #expect((0..<6).map { _ in random.randint(-(1 << 40), 1 << 41) } == expected.randint_wide)
      random = fresh()
      var numbers = Array(0..<50)
      random.shuffle(&numbers)
      #expect(numbers == expected.shuffle_50)
      random = fresh()
      #expect(random.permutation(13) == expected.permutation_13)
      random = fresh()
      #expect(random.choice(20, count: 5) == expected.choice_20_5)
      random = fresh()
      #expect(random.choice(20000, count: 8) == expected.choice_20000_8)
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
