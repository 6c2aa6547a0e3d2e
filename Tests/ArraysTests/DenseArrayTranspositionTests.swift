import Testing

@testable import Arrays

@Suite struct DenseArrayTranspositionTests {
  /// Against the definition, index by index.
  @Test(arguments: [
    [3, 4, 5], [1, 70, 33], [65, 1, 40], [40, 33, 1], [1, 1, 7], [2, 3, 34, 5], [7, 9], [4],
    [33, 2, 65], [0, 3, 2],
  ])
  func everyPermutationMovesElementsToTheirPlace(_ shape: [Int]) {
    let array = DenseArray(shape: shape, scalars: Array(0..<shape.reduce(1, *)))
    for axes in permutations(shape.count) {
      let result = array.transposed(axes)
      #expect(result.shape == axes.map { shape[$0] })
      let strides = axes.map { array.strides[$0] }
      var expected = [0]
      for (extent, stride) in zip(result.shape, strides) {
        expected = expected.flatMap { start in (0..<extent).map { start + $0 * stride } }
      }
      #expect(result.scalars == expected, "\(axes) of \(shape)")
    }
  }

  private func permutations(_ count: Int) -> [[Int]] {
    guard count > 0 else { return [[]] }
    return permutations(count - 1).flatMap { shorter in
      (0..<count).map { position in
        var longer = shorter
        longer.insert(count - 1, at: position)
        return longer
      }
    }
  }
}
