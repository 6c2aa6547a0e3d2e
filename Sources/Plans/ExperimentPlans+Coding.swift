package import Foundation
package import HostSystem
import JSON

// MARK: - Files

extension ExperimentPlans {
  /// Reads and validates a plans file.
  ///
  /// Keys that plans of early nnU-Net versions lack get the values that the original assumes; each
  /// one is reported as a warning.
  ///
  /// - Throws: `FileError` or ``JSONError`` naming the file, the key or every violated rule.
  package static func read(
    from url: URL, reporter: some Reporter = SilentReporter()
  ) throws -> ExperimentPlans {
    let document = try JSONFile.readDocument(url)
    for (key, assumption) in assumptions where document[key] == nil {
      reporter.warn("\(url.path) lacks \"\(key)\": \(assumption).")
    }
    for (key, assumption) in stageAssumptions {
      guard case .object(let stages) = document["plans_per_stage"] else { break }
      for stage in stages where stage.value[key] == nil {
        reporter.warn("\(url.path) lacks \"plans_per_stage.\(stage.key).\(key)\": \(assumption).")
      }
    }
    return try JSONFile.decode(ExperimentPlans.self, from: document, path: url.path)
  }

  private static let assumptions = [
    ("transpose_forward", "axes are not transposed"),
    ("transpose_backward", "axes are not transposed"),
    ("preprocessor_name", "the usual preprocessor is used"),
  ]
  private static let stageAssumptions = [
    ("pool_op_kernel_sizes", "pooling as late as possible"), ("conv_kernel_sizes", "kernels of 3"),
  ]
}

// MARK: - Coding

extension ExperimentPlans {
  enum CodingKeys: String, CodingKey {
    case stages = "plans_per_stage"
    case stageCount = "num_stages"
    case channelCount = "num_modalities"
    case channelNames = "modalities"
    case normalizationSchemes = "normalization_schemes"
    case fingerprint = "dataset_properties"
    case originalSpacings = "original_spacings"
    case originalSizes = "original_sizes"
    case foregroundLabelCount = "num_classes"
    case foregroundLabels = "all_classes"
    case baseFeatureCount = "base_num_features"
    case usesMaskForNormalization = "use_mask_for_norm"
    case transposeForward = "transpose_forward"
    case transposeBackward = "transpose_backward"
    case dataIdentifier = "data_identifier"
    case preprocessorName = "preprocessor_name"
    case convention = "processing_convention"
    case convolutionsPerStage = "conv_per_stage"
    case exportParameters = "segmentation_export_params"
    case fileEnding = "file_ending"
  }

  /// Keys that v1 writes, but that have had no value for years.
  private enum AbandonedKeys: String, CodingKey, CaseIterable {
    case keepOnlyLargestRegion = "keep_only_largest_region"
    case minimumRegionSizes = "min_region_size_per_class"
    case minimumSizes = "min_size_per_class"
  }

  /// Reads the JSON of plans and checks that their parts fit together.
  ///
  /// Keys that older versions did not write have nnU-Net's defaults.
  ///
  /// - Throws: An error that names every missing key, wrong value and violated rule.
  public init(from decoder: any Decoder) throws {
    var plans = try CheckedContainer(decoder, keyedBy: CodingKeys.self)
    stages = try plans.value(.stages, or: [:])
    channelNames = try plans.value(.channelNames, or: [:])
    let schemes: [Int: String] = try plans.value(.normalizationSchemes, or: [:])
    fingerprint = try plans.value(
      .fingerprint,
      or: DatasetFingerprint(
        sizes: [], spacings: [], foregroundLabels: [], channelNames: [:], intensities: nil,
        sizeReductions: [:]))
    foregroundLabelCount = try plans.value(.foregroundLabelCount, or: 0)
    baseFeatureCount = try plans.value(.baseFeatureCount, or: 0)
    usesMaskForNormalization = try plans.value(.usesMaskForNormalization, or: [:])
    dataIdentifier = try plans.value(.dataIdentifier, or: "")
    // Those that may be absent are absent from plans of early versions, and from 2D plans.
    convolutionsPerStage = try plans.valueIfPresent(.convolutionsPerStage)
    exportParameters = try plans.valueIfPresent(.exportParameters)
    fileEnding = try plans.valueIfPresent(.fileEnding) ?? .standard
    stageCount = try plans.valueIfPresent(.stageCount) ?? stages.count
    channelCount = try plans.valueIfPresent(.channelCount) ?? channelNames.count
    // An impossible number of labels is refused below, before anything of that length is made.
    let labelCount = min(max(foregroundLabelCount, 0), DatasetDescription.largestLabel)
    foregroundLabels =
      try plans.valueIfPresent(.foregroundLabels) ?? Array((1...labelCount + 1).dropLast())
    originalSpacings = try plans.valueIfPresent(.originalSpacings) ?? fingerprint.spacings
    originalSizes = try plans.valueIfPresent(.originalSizes) ?? fingerprint.sizes
    let forward: [Int]? = try plans.valueIfPresent(.transposeForward)
    let backward: [Int]? = try plans.valueIfPresent(.transposeBackward)
    transposeForward = backward == nil ? [0, 1, 2] : forward ?? [0, 1, 2]
    transposeBackward = forward == nil ? [0, 1, 2] : backward ?? [0, 1, 2]
    let isTwoD = stages.values.first?.patchSize.count == 2
    preprocessorName =
      try plans.valueIfPresent(.preprocessorName)
      ?? (isTwoD ? Self.preprocessor2D : Self.preprocessor3D)
    convention =
      try plans.valueIfPresent(.convention)
      ?? ProcessingConvention(ofPreprocessor: preprocessorName)
    normalizationSchemes = schemes.mapValues(NormalizationScheme.init(rawValue:))
    // Values of the wrong kind first: with substitutes for them, other rules have no meaning.
    try plans.throwIfAny()
    let rules = violatedRules
    guard rules.isEmpty else { throw RuleViolations(rules: rules) }
  }

  /// Writes the keys of nnU-Net v1's plans, including those without a value in newer versions.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(stages, forKey: .stages)
    try container.encode(stageCount, forKey: .stageCount)
    try container.encode(channelCount, forKey: .channelCount)
    try container.encode(channelNames, forKey: .channelNames)
    try container.encode(normalizationSchemes, forKey: .normalizationSchemes)
    try container.encode(fingerprint, forKey: .fingerprint)
    try container.encode(originalSpacings, forKey: .originalSpacings)
    try container.encode(originalSizes, forKey: .originalSizes)
    try container.encode(foregroundLabelCount, forKey: .foregroundLabelCount)
    try container.encode(foregroundLabels, forKey: .foregroundLabels)
    try container.encode(baseFeatureCount, forKey: .baseFeatureCount)
    try container.encode(usesMaskForNormalization, forKey: .usesMaskForNormalization)
    try container.encode(transposeForward, forKey: .transposeForward)
    try container.encode(transposeBackward, forKey: .transposeBackward)
    try container.encode(dataIdentifier, forKey: .dataIdentifier)
    try container.encode(preprocessorName, forKey: .preprocessorName)
    try container.encodeIfPresent(statedConvention, forKey: .convention)
    try container.encodeIfPresent(convolutionsPerStage, forKey: .convolutionsPerStage)
    try container.encodeIfPresent(exportParameters, forKey: .exportParameters)
    if fileEnding != .standard { try container.encode(fileEnding, forKey: .fileEnding) }
    var abandoned = encoder.container(keyedBy: AbandonedKeys.self)
    for key in AbandonedKeys.allCases { try abandoned.encodeNil(forKey: key) }
  }
}

extension StagePlan {
  enum CodingKeys: String, CodingKey {
    case batchSize = "batch_size"
    case poolCounts = "num_pool_per_axis"
    case patchSize = "patch_size"
    case medianSize = "median_patient_size_in_voxels"
    case spacing = "current_spacing"
    case originalSpacing = "original_spacing"
    case usesDummy2DAugmentation = "do_dummy_2D_data_aug"
    case poolStrides = "pool_op_kernel_sizes"
    case convolutionKernels = "conv_kernel_sizes"
    case encoderBlockCounts = "num_blocks_encoder"
    case decoderBlockCounts = "num_blocks_decoder"
  }

  /// Reads the JSON of a stage; plans of early versions lack strides and kernels, which are added.
  ///
  /// - Throws: An error that names every missing key and wrong value.
  public init(from decoder: any Decoder) throws {
    var stage = try CheckedContainer(decoder, keyedBy: CodingKeys.self)
    batchSize = try stage.value(.batchSize, or: 0)
    poolCounts = try stage.value(.poolCounts, or: [])
    patchSize = try stage.value(.patchSize, or: [])
    medianSize = try stage.value(.medianSize, or: [])
    spacing = try stage.value(.spacing, or: [])
    originalSpacing = try stage.value(.originalSpacing, or: [])
    usesDummy2DAugmentation = try stage.value(.usesDummy2DAugmentation, or: false)
    // Absent from plans of early versions, which pooled as late as possible with kernels of 3.
    // More poolings than a number has bits are refused where patches are checked.
    let counts = poolCounts.map { min(max($0, 0), Int.bitWidth) }
    let levels = counts.max() ?? 0
    poolStrides = try stage.valueIfPresent(.poolStrides) ?? Self.latePooling(poolCounts: counts)
    convolutionKernels =
      try stage.valueIfPresent(.convolutionKernels)
      ?? Array(repeating: poolCounts.map { _ in 3 }, count: levels + 1)
    encoderBlockCounts = try stage.valueIfPresent(.encoderBlockCounts)
    decoderBlockCounts = try stage.valueIfPresent(.decoderBlockCounts)
    try stage.throwIfAny()
  }

  /// Strides that pool axes with fewer poolings in the last levels only.
  static func latePooling(poolCounts: [Int]) -> [[Int]] {
    let levels = max(poolCounts.max() ?? 0, 0)
    return (0..<levels).map { level in poolCounts.map { levels - $0 <= level ? 2 : 1 } }
  }
}

extension DatasetFingerprint {
  /// Writes the keys of nnU-Net v1's fingerprint.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(sizes, forKey: .sizes)
    try container.encode(spacings, forKey: .spacings)
    try container.encode(foregroundLabels, forKey: .foregroundLabels)
    try container.encode(channelNames, forKey: .channelNames)
    // If absent, written as null, as in v1: its readers expect the key.
    try container.encode(intensities, forKey: .intensities)
    try container.encode(sizeReductions, forKey: .sizeReductions)
  }
}
