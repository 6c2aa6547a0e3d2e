import Arrays
import Foundation
import Plans
import TestSupport
import Testing

@testable import Preprocessing

@Suite struct PreprocessorTests {
  @Test(arguments: PreprocessingFixture.manifest?.prepared ?? [])
  func equalsNNUNet(_ entry: PreprocessingManifest.Prepared) throws {
    let fixture = try PreprocessingFixture.load()
    let intensities = Dictionary(
      uniqueKeysWithValues: fixture.manifest.intensities.map { (Int($0)!, $1.statistics) })
    let plans = makePlans(
      spacing: entry.target, scheme: entry.scheme, masked: entry.mask, transpose: entry.transpose,
      preprocessor: entry.rule == "2D"
        ? ExperimentPlans.preprocessor2D : ExperimentPlans.preprocessor3D,
      intensities: intensities)
    let cropped = try Cropping.crop(PreprocessingFixture.rawCase())
    let prepared = try Preprocessor(plans: plans, stage: 0).prepare(cropped)
    let expected = try fixture.array("prepared_\(entry.tag)_data")
    #expect(prepared.data.shape == expected.shape)
    expectClose(prepared.data.scalars, expected.scalars, absolute: 2e-6, relative: 2e-6)
    #expect(try prepared.labels == fixture.labels("prepared_\(entry.tag)_labels"))
    #expect(prepared.properties.spacingAfterResampling == entry.spacing)
    #expect(prepared.properties.sizeAfterResampling == prepared.labels.shape)
  }

  @Test func manifestListsAllCases() throws {
    #expect(try PreprocessingFixture.load().manifest.prepared.count == 11)
  }

  @Test func computedTomographyNeedsIntensities() throws {
    let cropped = try Cropping.crop(PreprocessingFixture.rawCase())
    for scheme in [NormalizationScheme.ct, .ct2] {
      let preprocessor = try Preprocessor(
        plans: makePlans(spacing: [2, 1, 1], scheme: scheme), stage: 0)
      #expect(throws: PreprocessingError.missingIntensities(channel: 0)) {
        try preprocessor.prepare(cropped)
      }
    }
  }

  @Test func refusesPlansThatItCannotFollow() throws {
    #expect(throws: PreprocessingError.noSuchStage(stage: 1, stageCount: 1)) {
      try Preprocessor(plans: makePlans(spacing: [1, 1, 1]), stage: 1)
    }
    #expect {
      try Preprocessor(plans: makePlans(spacing: [1, 1, 1], preprocessor: "Mine"), stage: 0)
    } throws: {
      "\($0)".contains("Mine") && "\($0)".contains("GenericPreprocessor")
    }
    let cropped = try Cropping.crop(PreprocessingFixture.rawCase())
    #expect(
      throws: PreprocessingError.wrongChannelCount(
        case: "case_0000.nii.gz", expected: 3, found: 2)
    ) {
      try Preprocessor(plans: makePlans(spacing: [1, 1, 1], channels: 3), stage: 0)
        .prepare(cropped)
    }
  }

  @Test func rulesKeepAxes() throws {
    let (target, original) = ([5.0, 2, 2], [3.0, 1, 1])
    func spacing(_ name: String, _ target: [Double]) throws -> [Double] {
      try PreprocessingRule(named: name).spacing(target: target, original: original)
    }
    #expect(try spacing("GenericPreprocessor", target) == target)
    #expect(try spacing("PreprocessorFor2D", target) == [3, 2, 2])
    #expect(try spacing("PreprocessorFor3D_NoResampling", target) == original)
    let partial = "PreprocessorFor3D_LeaveOriginalZSpacing"
    #expect(try spacing(partial, target) == target)
    #expect(try spacing(partial, [.nan, 2, 2]) == [3, 2, 2])
  }

  // MARK: - The golden numbers of the reference data

  private struct Golden: Decodable {
    var scheme: NormalizationScheme
    var usesMask: Bool
    var intensities: [String: Double]

    enum CodingKeys: String, CodingKey {
      case scheme
      case usesMask = "use_nonzero_mask"
      case intensities = "intensityproperties"
    }
  }

  @Test(.enabled(if: sharedURL("golden/numerics") != nil, "\(sharedDataIsAbsent)"))
  func normalizesAsTheGoldenNumbers() throws {
    let folder = try #require(sharedURL("golden/numerics"))
    func array(_ name: String) throws -> DenseArray<Float> {
      try NPYFile.readFloats(folder.appendingPathComponent("\(name).npy"))
    }
    let entries = try JSONDecoder().decode(
      [String: Golden].self,
      from: Data(contentsOf: folder.appendingPathComponent("b_norm_manifest.json")))
    #expect(entries.count == 5)
    let data = try array("b_data").slice(0)
    let labels = try array("b_seg").map { Int16($0) }.slice(0)
    for (tag, entry) in entries {
      func value(_ key: String) throws -> Double { try #require(entry.intensities[key]) }
      let statistics = IntensityStatistics(
        median: 0, mean: try value("mean"), standardDeviation: try value("sd"), minimum: 0,
        maximum: 0, percentile99p5: try value("percentile_99_5"),
        percentile0p5: try value("percentile_00_5"))
      var normalized = data.reshaped(to: [1] + data.shape)
      try IntensityNormalization(
        schemes: [0: entry.scheme], usesMask: [0: entry.usesMask],
        intensities: [0: statistics]
      ).normalize(&normalized, labels: labels)
      expectClose(
        normalized.scalars, try array("b_norm_\(tag)").scalars, absolute: 1e-6, relative: 1e-6,
        "\(tag)")
    }
  }
}
