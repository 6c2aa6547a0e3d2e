import Foundation
import Planning
import TestSupport
import Testing

@testable import JSON
@testable import Plans

/// Plans of nnU-Net v1 for synthetic fingerprints and for the 200 Hippocampus cases: all keys equal,
/// floating-point numbers to the last bit.
@Suite struct GoldenPlansTests {
  static let names = [
    "acdc_like", "acdc_like_mixed_z", "brats_like", "heart_like", "hippocampus_like", "lits_like",
    "lung_like", "prostate_like", "single_slice_2d", "spleen_like", "tiny_dataset",
    "worst_axis_last",
  ]

  @Test(arguments: names) func plansOfSyntheticFingerprints(name: String) throws {
    let url = fixtureURL("plans/\(name).json")
    let golden = try JSONFile.readDocument(url)
    let fingerprint = try JSONFile.decode(
      DatasetFingerprint.self, from: try #require(golden["fingerprint"]), path: url.path)
    for (key, planner) in [
      ("plans_2D", ExperimentPlanner.version21In2D), ("plans_3D", ExperimentPlanner.version21In3D),
    ] {
      let expected = try #require(golden[key])
      let plans = try planner.plan(fingerprint)
      try expectEqual(plans, expected, ignoring: ["target_spacing"])
      guard case .array(let target) = expected["target_spacing"] else {
        Issue.record("no target spacing in \(name)")
        continue
      }
      let spacing = try #require(plans.stages[0]?.originalSpacing)
      #expect(plans.transposeBackward.map { .number(spacing[$0]) } == target)
      #expect(plans.violatedRules.filter { !$0.contains("intensityproperties") } == [])
    }
  }

  @Test func plansOfHippocampus() throws {
    let fingerprint = try JSONFile.read(
      DatasetFingerprint.self, from: fixtureURL("plans/hippocampus_dataset_properties.json"))
    for planner in [ExperimentPlanner.version21In2D, .version21In3D] {
      let url = fixtureURL("plans/hippocampus_plans_\(planner.spatialRank)D.json")
      try expectEqual(try planner.plan(fingerprint), try JSONFile.readDocument(url))
      #expect(try ExperimentPlans.read(from: url) == planner.plan(fingerprint))
    }
  }

  /// Every key of the golden plans has the same text as ours; ours has no others.
  private func expectEqual(
    _ plans: ExperimentPlans, _ expected: JSONValue, ignoring ignored: Set<String> = []
  ) throws {
    let encoded = try JSONValueEncoder.encode(plans)
    guard case .object(let members) = expected, case .object(let ours) = encoded else {
      Issue.record("plans must be objects")
      return
    }
    for member in members where !ignored.contains(member.key) {
      let value = try #require(encoded[member.key], "our plans lack \(member.key)")
      #expect(text(value) == text(member.value), "\(member.key)")
    }
    let informational: Set = ["dataset_properties", "original_spacings", "original_sizes"]
    let surplus = Set(ours.map(\.key)).subtracting(members.map(\.key)).subtracting(informational)
    #expect(surplus == [])
  }

  private func text(_ value: JSONValue) -> String {
    String(decoding: JSONWriter.data(value), as: UTF8.self)
  }
}
