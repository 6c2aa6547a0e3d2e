import Arrays
import HostSystem
import JSON

/// What planning knows about a dataset: sizes, spacings, channels, labels and intensities.
///
/// Stored as `dataset_properties.json` with the keys of nnU-Net v1's `dataset_properties.pkl`.
public struct DatasetFingerprint: Codable, Hashable, Sendable {
  /// Size after cropping per case, voxels, z, y, x; cases sorted by identifier.
  package var sizes: [[Int]]
  /// Spacing per case in mm, z, y, x.
  public var spacings: [[Double]]
  /// The foreground labels in the order of dataset.json.
  package var foregroundLabels: [Int]
  /// The name of each channel ("CT", "MRI", …).
  public var channelNames: [Int: String]
  /// Foreground intensities per channel; only for CT datasets.
  package var intensities: [Int: IntensityStatistics]?
  /// Voxels after cropping divided by voxels before, per case.
  package var sizeReductions: [String: Double]

  /// Creates a fingerprint of cases sorted by identifier.
  ///
  /// - Parameters:
  ///   - sizes: The size of each case after cropping, voxels, z, y, x.
  ///   - spacings: The spacing of each case in mm, z, y, x.
  ///   - foregroundLabels: The labels above 0 in the order of dataset.json.
  ///   - channelNames: The name of each channel.
  ///   - intensities: Statistics of the foreground per channel; nil unless a channel needs them.
  ///   - sizeReductions: Voxels after cropping divided by voxels before, by identifier.
  public init(
    sizes: [[Int]], spacings: [[Double]], foregroundLabels: [Int], channelNames: [Int: String],
    intensities: [Int: IntensityStatistics]?, sizeReductions: [String: Double]
  ) {
    self.sizes = sizes
    self.spacings = spacings
    self.foregroundLabels = foregroundLabels
    self.channelNames = channelNames
    self.intensities = intensities
    self.sizeReductions = sizeReductions
  }

  enum CodingKeys: String, CodingKey {
    case sizes = "all_sizes"
    case spacings = "all_spacings"
    case foregroundLabels = "all_classes"
    case channelNames = "modalities"
    case intensities = "intensityproperties"
    case sizeReductions = "size_reductions"
  }
}

extension DatasetFingerprint {
  /// Reads a fingerprint and checks that its lists are those of volumes.
  public init(from decoder: any Decoder) throws {
    var values = try CheckedContainer(decoder, keyedBy: CodingKeys.self)
    sizes = try values.value(.sizes, or: [])
    spacings = try values.value(.spacings, or: [])
    foregroundLabels = try values.value(.foregroundLabels, or: [])
    channelNames = try values.value(.channelNames, or: [:])
    intensities = try values.valueIfPresent(.intensities)
    sizeReductions = try values.value(.sizeReductions, or: [:])
    try values.throwIfAny()
    let rules =
      Self.violatedRules(sizes: sizes, key: CodingKeys.sizes.rawValue)
      + Self.violatedRules(spacings: spacings, key: CodingKeys.spacings.rawValue)
    guard rules.isEmpty else { throw RuleViolations(rules: rules) }
  }

  /// Why a list cannot be the sizes of cases, in words.
  static func violatedRules(sizes: [[Int]], key: String) -> [String] {
    guard let size = sizes.first(where: { !isSize($0) }) else { return [] }
    return ["\(key) must hold three positive numbers for each case, found \(size)"]
  }

  /// Why a list cannot be the spacings of cases, in words.
  static func violatedRules(spacings: [[Double]], key: String) -> [String] {
    guard let spacing = spacings.first(where: { !isSpacing($0) }) else { return [] }
    return ["\(key) must hold three positive numbers for each case, found \(spacing)"]
  }

  /// Whether numbers can be the size of a volume: their product must not overflow.
  static func isSize(_ size: [Int]) -> Bool {
    size.count == 3 && size.allSatisfy { $0 > 0 }
      && checkedProduct(size).map { $0 <= ArrayLimits.voxels } ?? false
  }

  /// Whether numbers can be the spacing of a volume.
  static func isSpacing(_ spacing: [Double]) -> Bool {
    spacing.count == 3 && spacing.allSatisfy { $0 > 0 && $0.isFinite }
  }
}

/// Intensities of the foreground voxels of one channel over all cases.
public struct IntensityStatistics: Codable, Hashable, Sendable {
  package var median: Double
  /// The mean intensity.
  public var mean: Double
  /// Population standard deviation.
  package var standardDeviation: Double
  package var minimum: Double
  package var maximum: Double
  package var percentile99p5: Double
  package var percentile0p5: Double
  /// The same for each single case; absent in statistics of one case.
  package var perCase: [String: IntensityStatistics]?

  /// Creates statistics of intensities in the image's own unit, such as Hounsfield units.
  public init(
    median: Double, mean: Double, standardDeviation: Double, minimum: Double, maximum: Double,
    percentile99p5: Double, percentile0p5: Double, perCase: [String: IntensityStatistics]? = nil
  ) {
    self.median = median
    self.mean = mean
    self.standardDeviation = standardDeviation
    self.minimum = minimum
    self.maximum = maximum
    self.percentile99p5 = percentile99p5
    self.percentile0p5 = percentile0p5
    self.perCase = perCase
  }

  enum CodingKeys: String, CodingKey {
    case median, mean
    case standardDeviation = "sd"
    case minimum = "mn"
    case maximum = "mx"
    case percentile99p5 = "percentile_99_5"
    case percentile0p5 = "percentile_00_5"
    case perCase = "local_props"
  }
}
