import Arrays
import TestSupport
import Testing

@testable import Resampling

@Suite struct LabelResizeTests {
  @Test func theHighestOfTwoHalvesWins() {
    let labels = DenseArray<Int16>(shape: [1, 4], scalars: [2, 1, 0, -1])
    #expect(resizeLabels(labels, to: [1, 2]).scalars == [2, 0])
  }

  @Test func whereNoLabelHasHalfItIsBackground() {
    let labels = DenseArray<Int16>(shape: [2, 2], scalars: [1, 2, 3, 4])
    #expect(resizeLabels(labels, to: [1, 1]).scalars == [0])
    #expect(resizeLabels(labels, to: [1, 1], order: .nearest).scalars == [4])
  }

  @Test func floatsAndThreadsGiveTheSame() throws {
    let labels = try ResamplingFixture.load().labels("segmentation").slice(0)
    let shape = [9, 17, 7]
    let result = resizeLabels(labels, to: shape)
    #expect(resizeLabels(labels, to: shape, threads: 3) == result)
    #expect(resizeLabels(labels.map { Float($0) }, to: shape) == result.map { Float($0) })
    let image = resizeLabels(labels.slice(2), to: [17, 7])
    #expect(resizeLabels(labels.slice(2), to: [17, 7], threads: 3) == image)
  }

  /// The definition: each label's mask resized separately, higher labels overwriting lower ones.
  @Test(arguments: [[5, 13, 9], [6, 12, 21], [12, 24, 20], [3, 6, 5], [1, 1, 1]])
  func equalsOneResizePerLabel(_ shape: [Int]) throws {
    let labels = try ResamplingFixture.load().labels("segmentation").slice(0)
    var expected = DenseArray<Int16>(shape: shape, filledWith: 0)
    for label in Set(labels.scalars).sorted() {
      let mask = resize(labels.map { $0 == label ? 1 : 0 }, to: shape, order: .linear)
      for index in 0..<expected.count where mask.scalars[index] >= 0.5 {
        expected.scalars[index] = label
      }
    }
    #expect(resizeLabels(labels, to: shape) == expected)
  }
}
