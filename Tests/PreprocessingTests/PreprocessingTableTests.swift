import Arrays
import Foundation
import Plans
import TestSupport
import Testing

@testable import Preprocessing

@Suite struct PreprocessingTableTests {
  private func prepare(
    _ plans: ExperimentPlans, _ table: PreprocessingTable
  ) throws -> PreparedCase {
    try Preprocessor(plans: plans, stage: 0, table: table)
      .prepare(Cropping.crop(PreprocessingFixture.rawCase()))
  }

  private func plans(_ scheme: String, preprocessor: String = "GenericPreprocessor")
    -> ExperimentPlans
  {
    var plans = makePlans(spacing: [2, 1, 1], preprocessor: preprocessor)
    plans.normalizationSchemes[1] = NormalizationScheme(rawValue: scheme)
    return plans
  }

  @Test func aRegisteredNormalizationGetsItsChannelAlone() throws {
    var table = PreprocessingTable()
    table.normalizations["rank"] = { values, context in
      guard context.channel == 1, values.count == context.shape.reduce(1, *),
        context.labels.shape == context.shape
      else { throw PreprocessingError.noChannels }
      for index in values.indices { values[index] = Float(index) }
    }
    let usual = try prepare(plans("nonCT"), PreprocessingTable())
    let prepared = try prepare(plans("rank"), table)
    #expect(prepared.data.slice(0) == usual.data.slice(0))
    #expect(prepared.data.slice(1).scalars == (0..<usual.labels.count).map(Float.init))
    #expect(prepared.labels == usual.labels)
  }

  @Test func aFilterChangesTheFinishedCase() throws {
    var table = PreprocessingTable()
    table.rules["Mine"] = PreprocessingRule(
      filter: CaseFilter(name: "negative") { data, spacing in
        guard spacing == [2, 1, 1] else { throw PreprocessingError.noChannels }
        for index in data.scalars.indices { data.scalars[index] *= -1 }
      })
    let usual = try prepare(plans("nonCT"), PreprocessingTable())
    let prepared = try prepare(plans("nonCT", preprocessor: "Mine"), table)
    #expect(prepared.data.scalars == usual.data.scalars.map { -$0 })
  }

  @Test func namesWhatNobodyRegistered() throws {
    var table = PreprocessingTable()
    table.normalizations["rank"] = { _, _ in }
    #expect(
      throws: PreprocessingError.unknownNormalization(
        channel: 1, name: "zscore", known: ["CT", "CT2", "nonCT", "noNorm", "rank"])
    ) { try prepare(plans("zscore"), table) }
    #expect {
      try prepare(plans("rank", preprocessor: "Mine"), table)
    } throws: {
      "\($0)".contains("Mine") && "\($0)".contains("PreprocessorFor2D")
    }
  }
}
