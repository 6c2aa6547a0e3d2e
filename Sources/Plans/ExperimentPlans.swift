package import HostSystem

/// Everything that nnU-Net decided for a dataset: the contract between planning, preprocessing,
/// training and inference.
///
/// Stored as `nnUNetPlansv2.1_plans_3D.json` and `..._2D.json` with the keys of nnU-Net v1's plans.
public struct ExperimentPlans: Codable, Hashable, Sendable {
  /// The network levels: one for 2D; for 3D the full resolution, after the low resolution if there
  /// is one.
  ///
  /// The JSON keys are the positions, "0" and "1".
  public var stages: [Int: StagePlan]
  package var stageCount: Int
  package var channelCount: Int
  /// The name of each channel.
  public var channelNames: [Int: String]
  /// How each channel is normalized.
  package var normalizationSchemes: [Int: NormalizationScheme]
  /// The fingerprint that the plans were made from; inference needs its intensities.
  package var fingerprint: DatasetFingerprint
  /// Spacing (mm) and cropped size (voxels) of each case, z, y, x; for information.
  package var originalSpacings: [[Double]]
  package var originalSizes: [[Int]]
  /// The number of foreground labels; a network has one output more.
  package var foregroundLabelCount: Int
  package var foregroundLabels: [Int]
  package var baseFeatureCount: Int
  /// Whether each channel is normalized within its nonzero mask.
  package var usesMaskForNormalization: [Int: Bool]
  /// Axis `a` of a prepared array is axis `transposeForward[a]` of the image.
  package var transposeForward: [Int]
  package var transposeBackward: [Int]
  /// The name of the folders with the prepared cases, without `_stageN`.
  public var dataIdentifier: String
  /// The preprocessor that prepares cases, by nnU-Net's name or that of a package.
  public var preprocessorName: String
  /// The nnU-Net version whose conventions apply to preparing images and to turning outputs into
  /// segmentations.
  package var convention: ProcessingConvention
  /// Convolutions per network stage; 2 if the key is absent (2D plans).
  package var convolutionsPerStage: Int?
  /// How segmentations are resampled to the image; nil for nnU-Net's usual way.
  package var exportParameters: SegmentationExportParameters?

  /// How the names of the dataset's images end, and those of segmentations that are written.
  package var fileEnding = FileEnding.standard

  /// The preprocessor names of the standard 2D and 3D plans.
  package static let preprocessor2D = "PreprocessorFor2D"
  package static let preprocessor3D = "GenericPreprocessor"
  /// The preprocessor of nnU-Net v2, for networks with two and three axes.
  package static let preprocessorV2 = "DefaultPreprocessor"

  /// The convention if the preprocessor's name does not imply it; only then do files and
  /// fingerprints contain it.
  package var statedConvention: ProcessingConvention? {
    convention == ProcessingConvention(ofPreprocessor: preprocessorName) ? nil : convention
  }

  /// Creates plans; values that follow from others, such as the number of channels, are derived.
  ///
  /// - Parameters:
  ///   - stages: The network levels by their positions, the lowest resolution first.
  ///   - channelNames: The name of each channel.
  ///   - normalizationSchemes: How each channel is normalized.
  ///   - fingerprint: What the plans were made from.
  ///   - baseFeatureCount: The feature maps of the highest resolution.
  ///   - usesMaskForNormalization: Whether each channel is normalized within its nonzero mask.
  ///   - transposeForward: Axis `a` of a prepared array is axis `transposeForward[a]` of the image.
  ///   - transposeBackward: The inverse of `transposeForward`.
  ///   - dataIdentifier: The name of the folders with prepared cases, without `_stageN`.
  ///   - preprocessorName: The preprocessor that prepares cases.
  ///   - convolutionsPerStage: Convolutions per network stage; nil omits the key and means 2.
  ///   - exportParameters: How segmentations are resampled to the image; nil for nnU-Net's usual
  ///     way.
  ///   - convention: The nnU-Net version whose conventions apply; nil for that of the preprocessor.
  public init(
    stages: [Int: StagePlan], channelNames: [Int: String],
    normalizationSchemes: [Int: NormalizationScheme], fingerprint: DatasetFingerprint,
    baseFeatureCount: Int, usesMaskForNormalization: [Int: Bool], transposeForward: [Int],
    transposeBackward: [Int], dataIdentifier: String, preprocessorName: String,
    convolutionsPerStage: Int?, exportParameters: SegmentationExportParameters? = nil,
    convention: ProcessingConvention? = nil
  ) {
    self.stages = stages
    self.stageCount = stages.count
    self.channelCount = channelNames.count
    self.channelNames = channelNames
    self.normalizationSchemes = normalizationSchemes
    self.fingerprint = fingerprint
    self.originalSpacings = fingerprint.spacings
    self.originalSizes = fingerprint.sizes
    self.foregroundLabelCount = fingerprint.foregroundLabels.count
    self.foregroundLabels = fingerprint.foregroundLabels
    self.baseFeatureCount = baseFeatureCount
    self.usesMaskForNormalization = usesMaskForNormalization
    self.transposeForward = transposeForward
    self.transposeBackward = transposeBackward
    self.dataIdentifier = dataIdentifier
    self.preprocessorName = preprocessorName
    self.convolutionsPerStage = convolutionsPerStage
    self.exportParameters = exportParameters
    self.convention = convention ?? ProcessingConvention(ofPreprocessor: preprocessorName)
  }
}

/// One network level of the plans: its spacing, patch, batch and topology.
///
/// `patchSize`, `poolStrides` and `convolutionKernels` have the network's number of axes (2 or 3);
/// spacings and sizes always have three. All are in the plans' transposed axis order.
public struct StagePlan: Codable, Hashable, Sendable {
  /// The number of samples per batch.
  public var batchSize: Int
  package var poolCounts: [Int]
  package var patchSize: [Int]
  package var medianSize: [Int]
  /// The spacing that cases are resampled to, mm.
  public var spacing: [Double]
  /// The dataset's target spacing before a low resolution coarsens it, mm.
  package var originalSpacing: [Double]
  /// Whether spatial augmentation does not affect the first axis.
  package var usesDummy2DAugmentation: Bool
  /// The stride of each pooling level, highest resolution first.
  public var poolStrides: [[Int]]
  /// The kernel of each encoder stage and of the bottleneck.
  package var convolutionKernels: [[Int]]
  /// The residual blocks of each encoder stage; nil for the plain U-Net.
  ///
  /// With them, the first entry of `poolStrides` is the first stage's, which is 1 along all axes.
  package var encoderBlockCounts: [Int]?
  /// The convolution blocks of each decoder stage; nil for the plain U-Net.
  package var decoderBlockCounts: [Int]?

  /// Creates a stage of a plain U-Net.
  ///
  /// - Parameters:
  ///   - batchSize: The number of samples per batch.
  ///   - poolCounts: The number of poolings along each axis of the patch.
  ///   - patchSize: The extents of the patch, two or three.
  ///   - medianSize: The median size of the cases at `spacing`, voxels.
  ///   - spacing: The spacing that cases are resampled to, mm.
  ///   - originalSpacing: The dataset's target spacing before a low resolution coarsens it, mm.
  ///   - usesDummy2DAugmentation: Whether spatial augmentation does not affect the first axis.
  ///   - poolStrides: The stride of each pooling level, highest resolution first.
  ///   - convolutionKernels: The kernel of each encoder stage and of the bottleneck.
  public init(
    batchSize: Int, poolCounts: [Int], patchSize: [Int], medianSize: [Int], spacing: [Double],
    originalSpacing: [Double], usesDummy2DAugmentation: Bool, poolStrides: [[Int]],
    convolutionKernels: [[Int]]
  ) {
    self.batchSize = batchSize
    self.poolCounts = poolCounts
    self.patchSize = patchSize
    self.medianSize = medianSize
    self.spacing = spacing
    self.originalSpacing = originalSpacing
    self.usesDummy2DAugmentation = usesDummy2DAugmentation
    self.poolStrides = poolStrides
    self.convolutionKernels = convolutionKernels
  }
}

/// How a channel's intensities are normalized, by the names that the plans use.
///
/// Packages add others: `Guides/Extending.md`.
public struct NormalizationScheme: RawRepresentable, Codable, Hashable, Sendable {
  /// The name in plans files, such as `CT`.
  public var rawValue: String

  /// Creates the scheme with a name; a package must have added those that are not nnU-Net's.
  public init(rawValue: String) { self.rawValue = rawValue }

  /// Clips to the dataset's foreground percentiles, then uses its mean and standard deviation.
  public static let ct = NormalizationScheme(rawValue: "CT")
  /// Clips to the dataset's percentiles, then uses the case's own mean and standard deviation.
  public static let ct2 = NormalizationScheme(rawValue: "CT2")
  /// Mean and standard deviation of the case.
  public static let zScore = NormalizationScheme(rawValue: "nonCT")
  /// Leave as is.
  public static let none = NormalizationScheme(rawValue: "noNorm")

  /// The schemes of nnU-Net.
  public static let ofNNUNet = [ct, ct2, zScore, none]
}

/// How predicted probabilities are resampled to the image's voxels.
public struct SegmentationExportParameters: Codable, Hashable, Sendable {
  /// Whether the coarse axis is resampled separately; nil decides by the spacing.
  package var forcesSeparateZ: Bool?
  package var interpolationOrder: Int
  /// The order along the coarse axis if it is resampled separately.
  package var interpolationOrderZ: Int

  /// Creates parameters from the spline orders within slices and along the coarse axis (0, 1 or 3).
  ///
  /// `forcesSeparateZ` states whether the coarse axis is resampled separately; nil decides by the
  /// spacing.
  public init(forcesSeparateZ: Bool? = nil, interpolationOrder: Int, interpolationOrderZ: Int) {
    self.forcesSeparateZ = forcesSeparateZ
    self.interpolationOrder = interpolationOrder
    self.interpolationOrderZ = interpolationOrderZ
  }

  enum CodingKeys: String, CodingKey {
    case forcesSeparateZ = "force_separate_z"
    case interpolationOrder = "interpolation_order"
    case interpolationOrderZ = "interpolation_order_z"
  }
}
