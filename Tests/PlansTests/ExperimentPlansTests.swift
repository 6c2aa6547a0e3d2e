import Foundation
import HostSystem
import TestSupport
import Testing

@testable import JSON
@testable import Plans

@Suite struct ExperimentPlansTests {
  private var goldenURL: URL { fixtureURL("plans/hippocampus_plans_3D.json") }

  @Test func readsThePlansOfPython() throws {
    let plans = try ExperimentPlans.read(from: goldenURL)
    let stage = try #require(plans.stages[0])
    #expect(plans.foregroundLabels == [1, 2])
    #expect(plans.normalizationSchemes == [0: .zScore])
    #expect(plans.convolutionsPerStage == 2)
    #expect(stage.patchSize == [40, 56, 40])
    #expect(stage.batchSize == 7)
    #expect(stage.poolStrides == Array(repeating: [2, 2, 2], count: 3))
    #expect(plans.fingerprint.sizes.count == 200)
    #expect(plans.exportParameters == nil)
  }

  @Test func writesWhatItReads() throws {
    let url = try temporaryFolder().appending(path: "plans.json")
    let plans = try ExperimentPlans.read(from: goldenURL)
    try JSONFile.write(plans, to: url)
    #expect(try ExperimentPlans.read(from: url) == plans)
    let written = try JSONFile.readDocument(url)
    #expect(written == sorted(try JSONFile.readDocument(goldenURL)))
  }

  /// Earlier plans name no convention.
  ///
  /// It follows from the preprocessor; their files and fingerprints do not change.
  @Test func conventionsFollowFromThePreprocessorUnlessNamed() throws {
    let plans = try ExperimentPlans.read(from: goldenURL)
    #expect(plans.convention == .v1 && plans.statedConvention == nil)
    let v2 = try ExperimentPlans.read(
      from: edited { $0["preprocessor_name"] = "DefaultPreprocessor" })
    #expect(v2.convention == .v2 && v2.statedConvention == nil)
    var stated = plans
    stated.convention = .v2
    let url = try temporaryFolder().appending(path: "plans.json")
    try JSONFile.write(stated, to: url)
    #expect(try JSONFile.readDocument(url)["processing_convention"] == .string("v2"))
    #expect(try ExperimentPlans.read(from: url) == stated)
    #expect(try stated.originFingerprint != plans.originFingerprint)
    #expect(throws: JSONError.self) {
      try ExperimentPlans.read(from: edited { $0["processing_convention"] = "v3" })
    }
  }

  @Test func completesEarlyPlans() throws {
    let early = try edited { plans in
      plans["transpose_forward"] = nil
      plans["transpose_backward"] = nil
      plans["preprocessor_name"] = nil
      plans["conv_per_stage"] = nil
      edit(&plans, "plans_per_stage.0") { stage in
        stage["pool_op_kernel_sizes"] = nil
        stage["conv_kernel_sizes"] = nil
        stage["num_pool_per_axis"] = [1, 3, 2]
      }
    }
    let reporter = CollectingReporter()
    let plans = try ExperimentPlans.read(from: early, reporter: reporter)
    #expect(plans.transposeForward == [0, 1, 2] && plans.transposeBackward == [0, 1, 2])
    #expect(plans.preprocessorName == "GenericPreprocessor")
    #expect(plans.convolutionsPerStage == nil)
    #expect(plans.stages[0]?.poolStrides == [[1, 2, 1], [1, 2, 2], [2, 2, 2]])
    #expect(plans.stages[0]?.convolutionKernels == Array(repeating: [3, 3, 3], count: 4))
    #expect(reporter.warnings.count == 5)
    #expect(reporter.warnings.contains { $0.contains("plans_per_stage.0.conv_kernel_sizes") })
  }

  @Test func namesEveryViolatedRule() throws {
    let url = try edited { plans in
      plans["num_stages"] = 2
      plans["num_classes"] = 3
      plans["transpose_backward"] = [0, 2, 1]
      plans["normalization_schemes"] = ["0": "CT"]
      edit(&plans, "plans_per_stage.0") { stage in
        stage["batch_size"] = 0
        stage["patch_size"] = [40, 50, 40]
        stage["current_spacing"] = [1.0, -1.0, 1.0]
        stage["conv_kernel_sizes"] = [[3, 3, 3], [3, 2, 3]]
        stage["num_pool_per_axis"] = [3, 3, 2]
      }
    }
    let error = try #require(throws: JSONError.self) { try ExperimentPlans.read(from: url) }
    guard case .rulesViolated(_, let rules) = error else {
      Issue.record("\(error)")
      return
    }
    #expect(rules.count == 10)
    for key in [
      "num_stages", "num_classes", "transpose_backward", "intensityproperties",
      "0.batch_size", "0.patch_size [40, 50, 40] must be divisible", "0.current_spacing",
      "0.conv_kernel_sizes must have one entry more", "0.conv_kernel_sizes must have 3 odd",
      "0.num_pool_per_axis",
    ] {
      #expect(rules.contains { $0.contains(key) }, "\(key)")
    }
  }

  @Test func keepsANormalizationOfAPackage() throws {
    let url = try edited { $0["normalization_schemes"] = ["0": "zscore"] }
    let plans = try ExperimentPlans.read(from: url)
    #expect(plans.normalizationSchemes == [0: NormalizationScheme(rawValue: "zscore")])
    try JSONFile.write(plans, to: url)
    #expect(try ExperimentPlans.read(from: url) == plans)
  }

  @Test func namesAllValuesOfTheWrongKind() throws {
    let url = try edited { plans in
      plans["base_num_features"] = "32"
      plans["data_identifier"] = nil
      edit(&plans, "plans_per_stage.0") {
        $0["batch_size"] = [2]
        $0["patch_size"] = 40
      }
    }
    let error = try #require(throws: JSONError.self) { try ExperimentPlans.read(from: url) }
    guard case .rulesViolated(_, let rules) = error else {
      Issue.record("\(error)")
      return
    }
    #expect(rules.count == 4)
    for key in [
      #""base_num_features":"#, #"the key "data_identifier" is missing"#,
      #""plans_per_stage.0.batch_size":"#, #""plans_per_stage.0.patch_size":"#,
    ] {
      #expect(rules.contains { $0.hasPrefix(key) }, "\(key)")
    }
  }

  /// Numbers that no machine could compute or no integer can represent are refused, with the
  /// allowed range.
  @Test func absurdNumbersAreRefusedByName() throws {
    let sound = try ExperimentPlans.read(from: goldenURL)
    #expect(sound.violatedRules == [])
    func stage(_ change: @escaping (inout StagePlan) -> Void) -> (inout ExperimentPlans) -> Void {
      { plans in
        var stage = plans.stages[0]!
        change(&stage)
        plans.stages[0] = stage
      }
    }
    let large = 1 << 62
    let changes: [(allowed: String, (inout ExperimentPlans) -> Void)] = [
      ("batch_size must be 1 to 1000000", stage { $0.batchSize = 1_000_001 }),
      ("patch_size must have at most 268435456 voxels", stage { $0.patchSize = [512, 512, 1032] }),
      (
        "patch_size must have at most 268435456 voxels", stage { $0.patchSize = [8, large, large] }
      ),
      ("patch_size must be positive", stage { $0.patchSize = [8, -large, 8] }),
      ("median_patient_size_in_voxels", stage { $0.medianSize = [0, large, large] }),
      ("median_patient_size_in_voxels", stage { $0.medianSize = [large, large, large] }),
      ("median_patient_size_in_voxels", stage { $0.medianSize = [40, 40] }),
      ("current_spacing", stage { $0.spacing = [1, .infinity, 1] }),
      ("original_spacing", stage { $0.originalSpacing = [1, .nan, 1] }),
      ("odd numbers up to 255", stage { $0.convolutionKernels[0] = [257, 3, 3] }),
      ("odd numbers up to 255", stage { $0.convolutionKernels[0] = [large + 1, 3, 3] }),
      ("pool_op_kernel_sizes must be positive", stage { $0.poolStrides[0] = [2, -2, 2] }),
      ("must be divisible", stage { $0.poolStrides[0] = [2, large, 2] }),
      (
        "must be divisible", stage { $0.poolStrides = Array(repeating: [2, 1 << 32, 2], count: 3) }
      ),
      ("base_num_features must be 1 to 65536", { $0.baseFeatureCount = 65_537 }),
      ("conv_per_stage must be 1 to 1024", { $0.convolutionsPerStage = 1025 }),
      ("conv_per_stage must be 1 to 1024", { $0.convolutionsPerStage = 0 }),
      (
        "all_classes must be distinct and 1 to 255",
        {
          $0.foregroundLabels = Array(1...256)
          $0.foregroundLabelCount = 256
        }
      ),
    ]
    for (index, (allowed, change)) in changes.enumerated() {
      var plans = sound
      change(&plans)
      #expect(
        plans.violatedRules.contains { $0.contains(allowed) },
        "\(index), \(allowed): \(plans.violatedRules)")
      // The file is refused with its name, before anything is computed.
      let url = try temporaryFolder().appending(path: "plans.json")
      guard (try? JSONFile.write(plans, to: url)) != nil else { continue }
      let error = #expect(throws: JSONError.self, "\(index)") {
        try ExperimentPlans.read(from: url)
      }
      #expect(error?.message.contains(url.path) == true)
    }
    // The largest that are allowed.
    var most = sound
    most.baseFeatureCount = 65_536
    most.convolutionsPerStage = 1024
    stage {
      $0.batchSize = 1_000_000
      $0.patchSize = [512, 512, 1024]
    }(&most)
    #expect(most.violatedRules == [])
  }

  /// A number determines the length of lists that early plans lack; a large one ended the program
  /// before it was refused.
  @Test func numbersThatStandForListsAreBounded() throws {
    for count in [Int.max, 1 << 40, Int.min] {
      let classes = try edited { plans in
        plans["all_classes"] = nil
        plans["num_classes"] = count
      }
      let error = #expect(throws: JSONError.self) { try ExperimentPlans.read(from: classes) }
      #expect(error?.message.contains("num_classes is \(count)") == true || count < 0)
      let poolings = try edited { plans in
        edit(&plans, "plans_per_stage.0") { stage in
          stage["pool_op_kernel_sizes"] = nil
          stage["conv_kernel_sizes"] = nil
          stage["num_pool_per_axis"] = [count, 3, 3]
        }
      }
      #expect(throws: JSONError.self) { try ExperimentPlans.read(from: poolings) }
    }
  }

  /// Three numbers for each case; planning and export use them axis by axis.
  @Test func sizesAndSpacingsAreThoseOfVolumes() throws {
    for (list, value) in [
      ("all_sizes", [40, 50]), ("all_sizes", []), ("all_sizes", [0, 1, 1]),
      ("all_sizes", [1, 1 << 62, 1 << 62]), ("all_spacings", [1, 1]), ("all_spacings", [1, 1, 0]),
    ] as [(String, [Int])] {
      let url = try edited { plans in
        edit(&plans, "dataset_properties") { $0[list] = [[40, 50, 60], value] }
      }
      let error = #expect(throws: JSONError.self) { try ExperimentPlans.read(from: url) }
      #expect(error?.message.contains(list) == true, "\(error?.message ?? "")")
    }
    for list in ["original_sizes", "original_spacings"] {
      let url = try edited { $0[list] = [[40, 50]] }
      #expect(throws: JSONError.self) { try ExperimentPlans.read(from: url) }
    }
  }

  /// Without a lower resolution, a U-Net cannot be trained.
  @Test func plansPoolAtLeastOnce() throws {
    var plans = try ExperimentPlans.read(from: goldenURL)
    plans.stages[0]?.poolStrides = []
    plans.stages[0]?.convolutionKernels = [[3, 3, 3]]
    plans.stages[0]?.poolCounts = [0, 0, 0]
    #expect(plans.violatedRules.count == 1, "\(plans.violatedRules)")
    #expect(plans.violatedRules[0].contains("must pool at least once"))
  }

  // MARK: - Help

  /// The golden plans after an edit, in a new file.
  private func edited(_ body: (inout [String: Any]) -> Void) throws -> URL {
    let data = try Data(contentsOf: goldenURL)
    var plans = try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
    body(&plans)
    let url = try temporaryFolder().appending(path: "plans.json")
    try JSONSerialization.data(withJSONObject: plans).write(to: url)
    return url
  }

  private func edit(
    _ object: inout [String: Any], _ path: String, _ body: (inout [String: Any]) -> Void
  ) {
    let keys = path.split(separator: ".").map(String.init)
    guard let key = keys.first else { return body(&object) }
    var inner = object[key] as? [String: Any] ?? [:]
    edit(&inner, keys.dropFirst().joined(separator: "."), body)
    object[key] = inner
  }

  /// The same document with sorted keys.
  private func sorted(_ value: JSONValue) -> JSONValue {
    switch value {
    case .array(let elements): .array(elements.map(sorted))
    case .object(let members):
      .object(
        members.map { .init(key: $0.key, value: sorted($0.value)) }.sorted {
          if let left = Int($0.key), let right = Int($1.key) { return left < right }
          return $0.key < $1.key
        })
    default: value
    }
  }
}
