import Arrays
import HostSystem
package import Plans

/// The plans of a task as a table for people, with a reason for each choice.
package struct PlansTable: Sendable {
  private let columns: [Column]
  private let plans: [ExperimentPlans]

  private struct Column: Sendable {
    var configuration: Configuration
    var plans: ExperimentPlans
    var stage: StagePlan
  }

  /// - Parameter plans: The 2D plans, the 3D plans, or both.
  package init(_ plans: [ExperimentPlans]) {
    self.plans = plans
    columns = plans.flatMap { plans in
      plans.stages.sorted { $0.key < $1.key }.map { key, stage in
        let isTwoD = stage.patchSize.count == 2
        let isLow = key + 1 < plans.stages.count
        return Column(
          configuration: isTwoD ? .twoD : isLow ? .lowResolution : .fullResolution, plans: plans,
          stage: stage)
      }
    }
  }

  /// The table, an empty line, the reasons.
  package var lines: [String] { table + [""] + reasons }

  private var table: [String] { TextTable(rows).lines() }

  /// The cells of the table: a title and a value for each configuration; the first row names these.
  package var rows: [[String]] {
    [[""] + columns.map(\.configuration.rawValue)] + [
      row("spacing (mm)") { Self.text($0.stage.spacing) },
      row("median case (voxels)") { sizeText($0.stage.medianSize) },
      row("patch (voxels)") { sizeText($0.stage.patchSize) },
      row("patch (mm)") { Self.text(Self.extent($0.stage)) },
      row("batch size") { "\($0.stage.batchSize)" },
      row("poolings per axis") { Self.list($0.stage.poolCounts) },
      row("feature maps") { "\($0.plans.baseFeatureCount)" },
      row("convolutions per stage") {
        $0.stage.encoderBlockCounts.map { "residual \(Self.list($0))" }
          ?? "\($0.plans.convolutionsPerStage ?? 2)"
      },
      row("augments slices") { $0.stage.usesDummy2DAugmentation ? "yes" : "no" },
      row("axis order") { Self.list($0.plans.transposeForward) },
      row("preprocessor") { $0.plans.preprocessorName },
      row("data folder") { $0.plans.dataIdentifier },
    ]
  }

  private func row(_ title: String, _ value: (Column) -> String) -> [String] {
    [title] + columns.map(value)
  }

  // MARK: - Reasons

  private var reasons: [String] {
    reasonGroups.flatMap { group in
      ["\(group.title):"] + group.reasons.flatMap { wrapped("  - " + $0, indent: "    ") }
    }
  }

  /// The reasons for each configuration, and those for all.
  package var reasonGroups: [(title: String, reasons: [String])] {
    columns.map { column in
      (
        column.configuration.rawValue,
        [spacingReason(column), patchReason(column), batchReason(column), sliceReason(column)]
          .compactMap { $0 }
      )
    } + [("all", cascadeReason + normalizationReasons)]
  }

  private func spacingReason(_ column: Column) -> String {
    let stage = column.stage
    if column.configuration == .lowResolution {
      return "Spacing: coarsened until the median case has at most 4 times the patch's voxels."
    }
    let spacings = column.plans.fingerprint.spacings
    let order = column.plans.transposeForward
    let medians = order.map { axis in median(spacings.map { $0[axis] }) }
    let differing = (0..<3).filter { abs(medians[$0] - stage.spacing[$0]) > 1e-6 }
    guard !differing.isEmpty else {
      return "Spacing: the median of \(countText(spacings.count, "case"))."
    }
    return "Spacing: differs from the median \(Self.text(medians)) mm along axis"
      + " \(differing.map(String.init).joined(separator: ", ")); much coarser and shorter axes take the"
      + " 10th percentile, and a requested or inherited spacing is kept."
  }

  private func patchReason(_ column: Column) -> String {
    let stage = column.stage
    let median = Array(stage.medianSize.suffix(stage.patchSize.count))
    let part =
      Double(stage.patchSize.trustedProduct) / Double(median.trustedProduct) * 100
    if zip(stage.patchSize, median).allSatisfy({ $0 >= $1 }) {
      return "Patch: the whole median case, enlarged so that the poolings can halve it."
    }
    return
      "Patch: \(Self.round(part)) % of the median \(stage.patchSize.count == 2 ? "slice" : "case");"
      + " more voxels would exceed the memory target or make the patch unequally long in mm."
  }

  private func batchReason(_ column: Column) -> String {
    let stage = column.stage
    let voxels = Double(stage.medianSize.trustedProduct * column.plans.fingerprint.sizes.count)
    let part = Double(stage.batchSize * stage.patchSize.trustedProduct) / voxels * 100
    return
      "Batch: \(countText(stage.batchSize, "patch is", "patches are")) \(Self.round(part)) % of the dataset's voxels; it is"
      + " what fits into memory, and at most 5 % if that is enough."
  }

  private func sliceReason(_ column: Column) -> String? {
    guard column.stage.patchSize.count == 3 else { return nil }
    let ratio = Double(column.stage.patchSize.max() ?? 1) / Double(column.stage.patchSize[0])
    return "Augmentation: the patch's longest edge is \(Self.round(ratio)) times its first edge;"
      + " above 3, slices are transformed in their plane."
  }

  private var cascadeReason: [String] {
    guard let full = columns.first(where: { $0.configuration == .fullResolution }) else {
      return []
    }
    let ratio =
      Double(full.stage.medianSize.trustedProduct) / Double(full.stage.patchSize.trustedProduct)
    let text = "The median case has \(Self.round(ratio)) times the voxels of the 3d_fullres patch"
    if full.plans.stages.count > 1 {
      return ["Cascade: \(text) (4 or more): 3d_lowres and 3d_cascade_fullres can be trained."]
    }
    return [
      ratio < 4
        ? "No cascade: \(text), less than 4: a patch covers enough of a case."
        : "No cascade: \(text), but a low resolution would have more than half of its voxels, or the"
          + " planner leaves it out."
    ]
  }

  private var normalizationReasons: [String] {
    guard let plans = plans.first else { return [] }
    let reductions = Array(plans.fingerprint.sizeReductions.values)
    let kept = reductions.isEmpty ? 1 : median(reductions)
    return plans.channelNames.sorted { $0.key < $1.key }.map { channel, name in
      let scheme = plans.normalizationSchemes[channel] ?? .zScore
      let masked = plans.usesMaskForNormalization[channel] ?? false
      return "Channel \(channel) (\(name)): \(scheme.rawValue),"
        + " \(masked ? "within the nonzero mask" : "over the whole case");"
        + " cropping keeps \(Self.round(kept * 100)) % of the median case (below 75 %, masks are used"
        + " except for CT)."
    }
  }

  // MARK: - Text

  private static func extent(_ stage: StagePlan) -> [Double] {
    zip(stage.patchSize, stage.spacing.suffix(stage.patchSize.count)).map { Double($0) * $1 }
  }

  private static func text(_ numbers: [Double]) -> String {
    numbers.map(round).joined(separator: "×")
  }

  private static func list(_ numbers: [Int]) -> String {
    numbers.map(String.init).joined(separator: ",")
  }

  private static func round(_ number: Double) -> String {
    let scale = abs(number) < 10 ? 1000.0 : 10
    let rounded = (number * scale).rounded() / scale
    return Int(exactly: rounded).map(String.init) ?? "\(rounded)"
  }
}
