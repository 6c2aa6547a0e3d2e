import Arrays
import HostSystem

extension ExperimentPlans {
  /// The rules that these plans break, in words; empty for valid plans.
  ///
  /// Users edit plans, so all broken rules are named at once.
  package var violatedRules: [String] {
    var rules = RuleList()
    let channels = Array(0..<channelNames.count)
    rules.require(!stages.isEmpty, "plans_per_stage must have at least one stage")
    rules.require(
      stages.keys.sorted() == Array(0..<stages.count),
      "plans_per_stage must have the keys 0, 1, …, found \(stages.keys.sorted())")
    rules.require(
      stageCount == stages.count,
      "num_stages is \(stageCount), but plans_per_stage has \(stages.count)")
    rules.require(!channels.isEmpty, "modalities must name at least one channel")
    rules.require(
      channelCount == channels.count,
      "num_modalities is \(channelCount), but modalities names \(channels.count)")
    for (key, found) in [
      ("modalities", channelNames.keys.sorted()),
      ("normalization_schemes", normalizationSchemes.keys.sorted()),
      ("use_mask_for_norm", usesMaskForNormalization.keys.sorted()),
    ] {
      rules.require(found == channels, "\(key) must have the keys \(channels), found \(found)")
    }
    requireLabels(&rules)
    rules.add(
      DatasetFingerprint.violatedRules(
        sizes: originalSizes, key: CodingKeys.originalSizes.rawValue))
    rules.add(
      DatasetFingerprint.violatedRules(
        spacings: originalSpacings, key: CodingKeys.originalSpacings.rawValue))
    requireAxisOrder(&rules)
    requireIntensities(&rules)
    rules.require(
      (1...PlansLimits.features).contains(baseFeatureCount),
      "base_num_features must be 1 to \(PlansLimits.features), found \(baseFeatureCount)")
    if let convolutionsPerStage {
      rules.require(
        (1...PlansLimits.blocks).contains(convolutionsPerStage),
        "conv_per_stage must be 1 to \(PlansLimits.blocks), found \(convolutionsPerStage)")
    }
    rules.require(
      !dataIdentifier.isEmpty && !dataIdentifier.holds("/"),
      "data_identifier must be a folder's name, found \"\(dataIdentifier)\"")
    for (key, stage) in stages.sorted(by: { $0.key < $1.key }) {
      rules.add(stage.violatedRules.map { "plans_per_stage.\(key).\($0)" })
    }
    rules.require(
      Set(stages.values.map(\.patchSize.count)).count <= 1,
      "all stages must have patches with the same number of axes")
    return rules.broken
  }

  private func requireLabels(_ rules: inout RuleList) {
    rules.require(
      foregroundLabelCount > 0, "num_classes must be positive, found \(foregroundLabelCount)")
    rules.require(
      foregroundLabels.count == foregroundLabelCount,
      "num_classes is \(foregroundLabelCount), but all_classes has \(foregroundLabels.count)")
    rules.require(
      foregroundLabels.allSatisfy((1...DatasetDescription.largestLabel).contains)
        && Set(foregroundLabels).count == foregroundLabels.count,
      "all_classes must be distinct and 1 to \(DatasetDescription.largestLabel), found \(foregroundLabels)"
    )
  }

  private func requireAxisOrder(_ rules: inout RuleList) {
    let isPermutation = transposeForward.sorted() == [0, 1, 2]
    rules.require(
      isPermutation, "transpose_forward must hold 0, 1 and 2, found \(transposeForward)")
    guard isPermutation else { return }
    let inverse = transposeForward.inversePermutation
    rules.require(
      transposeBackward == inverse,
      "transpose_backward must undo transpose_forward: \(inverse), found \(transposeBackward)")
  }

  private func requireIntensities(_ rules: inout RuleList) {
    for (channel, scheme) in normalizationSchemes.sorted(by: { $0.key < $1.key })
    where scheme == .ct || scheme == .ct2 {
      rules.require(
        fingerprint.intensities?[channel] != nil,
        "normalization_schemes.\(channel) is \(scheme.rawValue), "
          + "but dataset_properties.intensityproperties lacks channel \(channel)")
    }
  }
}

extension StagePlan {
  /// The rules that this stage breaks; each starts with the key that it concerns.
  package var violatedRules: [String] {
    var rules = RuleList()
    let rank = patchSize.count
    rules.require(
      (1...PlansLimits.batchSize).contains(batchSize),
      "batch_size must be 1 to \(PlansLimits.batchSize), found \(batchSize)")
    rules.require(
      rank == 2 || rank == 3, "patch_size must have 2 or 3 axes, found \(patchSize)")
    rules.require(
      patchSize.allSatisfy { $0 > 0 }, "patch_size must be positive, found \(patchSize)")
    rules.require(
      checkedProduct(patchSize).map { $0 <= PlansLimits.patchVoxels } ?? false,
      "patch_size must have at most \(PlansLimits.patchVoxels) voxels, found \(patchSize)")
    rules.require(
      medianSize.count == 3 && medianSize.allSatisfy { $0 > 0 }
        && checkedProduct(medianSize).map { $0 <= PlansLimits.imageVoxels } ?? false,
      "median_patient_size_in_voxels must be three positive numbers with a product of at most"
        + " \(PlansLimits.imageVoxels) voxels together, found \(medianSize)")
    for (key, spacing) in [("current_spacing", spacing), ("original_spacing", originalSpacing)] {
      rules.require(
        spacing.count == 3 && spacing.allSatisfy { $0 > 0 && $0.isFinite },
        "\(key) must be three positive numbers, found \(spacing)")
    }
    requireTopology(&rules)
    return rules.broken
  }

  private func requireBlocks(_ rules: inout RuleList) {
    guard let encoderBlockCounts else { return }
    let stages = poolStrides.count
    rules.require(
      convolutionKernels.count == stages,
      "conv_kernel_sizes must have as many entries as pool_op_kernel_sizes (\(stages)) if there"
        + " is num_blocks_encoder, found \(convolutionKernels.count)")
    rules.require(
      encoderBlockCounts.count == stages
        && encoderBlockCounts.allSatisfy((1...PlansLimits.blocks).contains),
      "num_blocks_encoder must be \(stages) numbers of 1 to \(PlansLimits.blocks), found \(encoderBlockCounts)"
    )
    let decoder = decoderBlockCounts ?? []
    rules.require(
      decoder.count == stages - 1 && decoder.allSatisfy((1...PlansLimits.blocks).contains),
      "num_blocks_decoder must be \(stages - 1) numbers of 1 to \(PlansLimits.blocks), found \(decoder)"
    )
    rules.require(
      poolStrides.first?.allSatisfy { $0 == 1 } ?? false,
      "pool_op_kernel_sizes must begin with 1 along all axes if there is num_blocks_encoder")
  }

  private func requireTopology(_ rules: inout RuleList) {
    let rank = patchSize.count
    let strides = poolStrides
    let haveRank = strides.allSatisfy { $0.count == rank }
    // The first entry of residual encoders is the first stage's.
    rules.require(
      strides.count > (encoderBlockCounts == nil ? 0 : 1),
      "pool_op_kernel_sizes must pool at least once: a U-Net needs a lower resolution")
    rules.require(
      poolCounts.count == rank,
      "num_pool_per_axis must have \(rank) entries, like patch_size, found \(poolCounts)")
    rules.require(
      haveRank, "pool_op_kernel_sizes must have \(rank) entries in each level like patch_size")
    rules.require(
      strides.joined().allSatisfy { $0 > 0 },
      "pool_op_kernel_sizes must be positive, found \(strides)")
    if encoderBlockCounts == nil {
      rules.require(
        convolutionKernels.count == strides.count + 1,
        "conv_kernel_sizes must have one entry more than pool_op_kernel_sizes "
          + "(\(strides.count + 1)), found \(convolutionKernels.count)")
    }
    requireBlocks(&rules)
    rules.require(
      convolutionKernels.allSatisfy {
        $0.count == rank && $0.allSatisfy { (1...PlansLimits.kernel).contains($0) && $0 % 2 == 1 }
      },
      "conv_kernel_sizes must have \(rank) odd numbers up to \(PlansLimits.kernel) in each level, found \(convolutionKernels)"
    )
    guard haveRank, strides.joined().allSatisfy({ $0 > 0 }) else { return }
    for axis in 0..<rank {
      let divisor = strides.reduce(1) { $0.multipliedReportingOverflow(by: $1[axis]).partialValue }
      rules.require(
        divisor > 0 && patchSize[axis] % divisor == 0,
        "patch_size \(patchSize) must be divisible by the product of the pooling strides, "
          + "which is \(divisor) along axis \(axis)")
      guard poolCounts.count == rank else { continue }
      let poolings = strides.count { $0[axis] > 1 }
      rules.require(
        poolCounts[axis] == poolings,
        "num_pool_per_axis is \(poolCounts), but pool_op_kernel_sizes pools axis \(axis) "
          + "\(poolings) times")
    }
  }
}

/// The limits of plans; larger numbers could not be computed, or not even counted.
private enum PlansLimits {
  static let batchSize = 1_000_000
  static let patchVoxels = 1 << 28
  static let imageVoxels = ArrayLimits.voxels
  static let features = 65_536
  static let blocks = 1024
  static let kernel = 255
}

/// Collects broken rules.
private struct RuleList {
  private(set) var broken: [String] = []

  mutating func require(_ holds: Bool, _ rule: @autoclosure () -> String) {
    if !holds { broken.append(rule()) }
  }

  mutating func add(_ rules: [String]) { broken.append(contentsOf: rules) }
}
