import Foundation
import HostSystem
import Planning
import TestSupport
import Testing

@testable import JSON
@testable import Plans

/// Plans of nnU-Net v1's other planners, by `Tests/Fixtures/plans/generate_variants.py`.
@Suite struct PlannerVariantTests {
  @Test func variantsEqualTheReference() throws {
    let golden = try JSONFile.readDocument(fixtureURL("plans/variants.json"))
    guard case .object(let variants) = golden else {
      Issue.record("variants.json must hold an object")
      return
    }
    #expect(variants.count == 20)
    for variant in variants {
      guard case .object(let cases) = variant.value else { continue }
      let rank = variant.key.contains("2D") ? 2 : 3
      let planner = try ExperimentPlanner.planner(named: variant.key, spatialRank: rank)
      for item in cases {
        let expected = try #require(item.value["plans"])
        #expect(item.value["identifier"] == .string(planner.plansIdentifier))
        let ours = try JSONValueEncoder.encode(planner.plan(fingerprint(item.key)))
        guard case .object(let members) = expected else { continue }
        for member in members {
          let value = try #require(ours[member.key], "\(variant.key) lacks \(member.key)")
          #expect(
            text(value) == text(member.value), "\(variant.key), \(item.key), \(member.key)")
        }
      }
    }
  }

  @Test func residualPlansAreValid() throws {
    let planner = try ExperimentPlanner.planner(
      named: "ExperimentPlanner3DFabiansResUNet_v21", spatialRank: 3)
    var plans = try planner.plan(fingerprint("hippocampus_like"))
    #expect(plans.violatedRules == [])
    plans.stages[0]?.encoderBlockCounts = [1]
    #expect(plans.violatedRules.count == 1)
  }

  @Test func moreMemoryPlansMore() throws {
    let fingerprint = try fingerprint("brats_like")
    let usual = try ExperimentPlanner.version21In3D.plan(fingerprint)
    let planner = ExperimentPlanner.version21In3D.adapted(gigabytes: 24)
    let large = try planner.plan(fingerprint)
    #expect(planner.plansIdentifier == "nnUNetPlansv2.1_for24GB")
    #expect(large.dataIdentifier == "nnUNetData_plans_v2.1_for24GB")
    let voxels = { (plans: ExperimentPlans) in
      (plans.stages[0]?.patchSize.reduce(1, *) ?? 0) * (plans.stages[0]?.batchSize ?? 0)
    }
    #expect(voxels(large) > 2 * voxels(usual))
    #expect(
      try ExperimentPlanner.version21In3D.adapted(gigabytes: 8).plan(fingerprint).stages
        == usual.stages)
  }

  @Test func theSpacingAskedForIsTaken() throws {
    let planner = ExperimentPlanner.version21In3D.adapted(targetSpacing: [2, 1.5, 1])
    #expect(planner.plansIdentifier == "nnUNetPlansv2.1_sp2x1.5x1")
    let plans = try planner.plan(fingerprint("brats_like"))
    #expect(plans.stages[plans.stages.count - 1]?.spacing == [2, 1.5, 1])
  }

  @Test func foreignPlansKeepTheirNetworkAndTakeOurLabels() throws {
    let folder = try temporaryFolder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appending(path: "plans.json")
    var other = try ExperimentPlanner.version21In3D.plan(fingerprint("hippocampus_like"))
    other.foregroundLabels = [1, 2, 3]
    other.foregroundLabelCount = 3
    try JSONFile.write(other, to: file)
    let own = try ExperimentPlanner.version21In3D.plan(fingerprint("hippocampus_like"))
    let foreign = ForeignPlans(file: file, identifier: "X")
    let adapted = try foreign.adapted(to: own)
    #expect(adapted.foregroundLabels == own.foregroundLabels)
    #expect(adapted.stages == other.stages)
    #expect(adapted.dataIdentifier == "nnUNetData_pretrained_X")
    let wide = try ExperimentPlanner.version21In3D.plan(fingerprint("brats_like"))
    #expect(throws: PlanningError.self) { try foreign.adapted(to: wide) }
  }

  @Test func theTableSaysWhy() throws {
    let small = try ExperimentPlanner.version21In3D.plan(fingerprint("hippocampus_like"))
    let flat = try ExperimentPlanner.version21In2D.plan(fingerprint("hippocampus_like"))
    let text = PlansTable([flat, small]).lines.joined(separator: "\n")
    #expect(text.contains("No cascade"))
    #expect(text.contains("3d_fullres") && text.contains("2d"))
    let large = try ExperimentPlanner.version21In3D.plan(fingerprint("lits_like"))
    let lines = PlansTable([large]).lines
    #expect(lines[0].contains("3d_lowres"))
    #expect(lines.contains { $0.contains("3d_cascade_fullres can be trained") })
  }

  private func fingerprint(_ name: String) throws -> DatasetFingerprint {
    let url = fixtureURL("plans/\(name).json")
    return try JSONFile.decode(
      DatasetFingerprint.self,
      from: try #require(try JSONFile.readDocument(url)["fingerprint"]), path: url.path)
  }

  private func text(_ value: JSONValue) -> String {
    String(decoding: JSONWriter.data(value), as: UTF8.self)
  }
}
