import Arrays
import Plans
import Resampling
import TestSupport
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

  /// Plans that follow v2 prepare training cases as v2 does: `Tools/prove-v2-exchange` compares them with v2's.
  @Test func plansThatFollowV2NormalizeFirst() throws {
    let intensities = try PreprocessingFixture.load().manifest.intensities
    let plans = makePlans(
      spacing: [2.6, 1.2, 0.9], scheme: .ct, transpose: [1, 0, 2],
      preprocessor: ExperimentPlans.preprocessorV2,
      intensities: [0: intensities["0"]!.statistics, 1: intensities["1"]!.statistics])
    let preprocessor = try Preprocessor(plans: plans, stage: 0)
    guard case .normalizeThenResample = preprocessor.steps else {
      Issue.record("resamples first")
      return
    }
    #expect(preprocessor.rule.labels.decision == .largest)
    let cropped = try Cropping.crop(PreprocessingFixture.rawCase())
    let prepared = try preprocessor.prepare(cropped)
    let explicit = Preprocessor(
      targetSpacing: [2.6, 1.2, 0.9], transposition: [1, 0, 2], foregroundLabels: [1, 2],
      rule: .ofV2(axes: 3), normalization: try EarlyNormalization(plans))
    let expected = try explicit.prepare(cropped)
    #expect(prepared.data == expected.data && prepared.labels == expected.labels)
    #expect(prepared.labels.shape == Array(prepared.data.shape.dropFirst()))
    #expect(Set(prepared.labels.scalars).isSuperset(of: [1, 2]))
    let later = try Preprocessor(
      plans: makePlans(
        spacing: [2.6, 1.2, 0.9], scheme: .ct, transpose: [1, 0, 2],
        intensities: plans.fingerprint.intensities), stage: 0
    ).prepare(cropped)
    #expect(prepared.data.shape == later.data.shape && prepared.data != later.data)
    #expect(PreprocessingRule.ofV2(axes: 2).keeps == .first)
  }

  @Test func schemesThatV2DoesNotKnowAreRefused() {
    let plans = makePlans(
      spacing: [1, 1, 1], scheme: .ct2, preprocessor: ExperimentPlans.preprocessorV2)
    #expect(throws: PreprocessingError.unknownToV2(scheme: "CT2", channel: 0)) {
      try Preprocessor(plans: plans, stage: 0)
    }
  }
}
