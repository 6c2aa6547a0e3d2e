import Arrays
import Testing

@testable import Preprocessing

@Suite struct EarlyNormalizationTests {
  private let labels = DenseArray<Int16>(shape: [1, 2, 2], scalars: [-1, 0, 0, 0])

  private func normalized(
    _ values: [Float], _ scheme: EarlyNormalization.Scheme
  ) throws -> [Float] {
    var data = DenseArray(shape: [1, 1, 2, 2], scalars: values)
    try EarlyNormalization(channels: [scheme]).normalize(&data, labels: labels)
    return data.scalars
  }

  /// Expected values from `nnunetv2.preprocessing.normalization` 2.8.
  @Test func equalsV2() throws {
    let within = try normalized([7, 1, 2, 3], .zScore(withinMask: true))
    #expect(within[0] == 7)
    #expect(abs(within[1] + 1.224_744_9) < 1e-6 && within[2] == 0)
    #expect(try normalized([5, 5, 5, 5], .zScore(withinMask: false)) == [0, 0, 0, 0])
    #expect(
      try normalized([-9, 1, 4, 99], .ct(low: 0, high: 5, mean: 1, deviation: 2))
        == [-0.5, 0, 1.5, 2])
    #expect(try normalized([-2, 0, 2, 6], .rescaleToUnit) == [0, 0.25, 0.5, 1])
    #expect(try normalized([0, 51, 102, 255], .colorToUnit) == [0, 0.2, 0.4, 1])
    #expect(try normalized([1, 2, 3, 4], .none) == [1, 2, 3, 4])
    #expect(throws: PreprocessingError.notColor(channel: 0)) {
      try normalized([0, 1, 2, 256], .colorToUnit)
    }
  }
}
