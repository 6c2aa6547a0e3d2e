import Arrays
import TestSupport
import Testing

@testable import Preprocessing

@Suite struct ClassLocationsTests {
  @Test func drawsAsNumPyDoes() throws {
    let fixture = try PreprocessingFixture.load()
    let expected = fixture.manifest.locations
    let locations = ClassLocations(
      sampling: try fixture.labels("classes"), classes: [4, 2, 1])
    let rows = (0..<locations.rows.shape[0]).map { row in
      (0..<4).map { Int(locations.rows[row, $0]) }
    }
    #expect(rows.count == expected.count)
    #expect(Array(rows.prefix(200)) == expected.first)
    #expect(Array(rows.suffix(200)) == expected.last)
    #expect((0..<4).map { column in rows.reduce(0) { $0 + $1[column] } } == expected.sums)
    #expect(
      rows.enumerated().reduce(0) { $0 + $1.offset * $1.element.reduce(0, +) } == expected.order)
    #expect(locations.classes == [1, 4])
    #expect(locations.count(of: 1) == 10_000 && locations.count(of: 2) == 0)
    #expect(locations.location(of: 4, at: 3) == Array(rows[3].dropFirst()))
    #expect(locations.location(of: 1, at: 9_999) == Array(rows[rows.count - 1].dropFirst()))
  }

  @Test func keepsOnePercentOfALargeClass() {
    let labels = DenseArray<Int16>(shape: [101, 100, 101], filledWith: 7)
    let locations = ClassLocations(sampling: labels, classes: [7])
    // ⌈1,020,100 / 100⌉ is more than 10,000.
    #expect(locations.count(of: 7) == 10_201)
    let distinct = Set((0..<10_201).map { locations.location(of: 7, at: $0) })
    #expect(distinct.count == 10_201)
  }

  @Test func aCaseWithoutForegroundHasNone() {
    let labels = DenseArray<Int16>(shape: [2, 3, 4], filledWith: -1)
    let locations = ClassLocations(sampling: labels, classes: [1, 2])
    #expect(locations.classes.isEmpty && locations.rows.shape == [0, 4])
  }
}
