import Arrays
import HostSystem
import JSON

/// What is known about one case apart from its voxels: its origin and its processing.
///
/// Written as `CASE.json` next to the cropped and the preprocessed arrays, with the keys of nnU-Net
/// v1's case pickles. Arrays are in z, y, x order unless a key starts with `itk_` (x, y, z).
package struct CaseProperties: Codable, Hashable, Sendable {
  /// Size before cropping, voxels, z, y, x.
  package var originalSize: [Int]
  /// Spacing in mm, z, y, x.
  package var originalSpacing: [Double]
  /// The image files, one per channel.
  package var imageFiles: [String]
  /// The label file, if the case has one.
  package var labelFile: String?
  /// Geometry of the first channel as in ITK, x, y, z.
  package var itkOrigin: [Double]
  package var itkSpacing: [Double]
  package var itkDirection: [Double]
  /// The box that cropping kept: `[lower, upper)` per axis, z, y, x.
  package var cropBox: [[Int]]
  /// The distinct labels after cropping, ascending, including -1 (outside the nonzero mask).
  package var labels: [Int]
  /// Size after cropping, voxels, z, y, x.
  package var sizeAfterCropping: [Int]
  /// Whether each channel was normalized only within the nonzero mask; nil before normalization.
  package var usesMaskForNormalization: [Int: Bool]?
  /// Size and spacing of the prepared array, in the plans' transposed axis order.
  package var sizeAfterResampling: [Int]?
  package var spacingAfterResampling: [Double]?
  /// With stored probabilities of regions: the label of each region; see ``LabelScheme``.
  package var regionsClassOrder: [Int]?
  /// The number of channels where it is not that of the files, because one has several.
  package var joinedChannelCount: Int?

  /// The number of channels of all files.
  package var channelCount: Int { joinedChannelCount ?? imageFiles.count }

  package init(
    originalSize: [Int], originalSpacing: [Double], imageFiles: [String], labelFile: String?,
    itkOrigin: [Double], itkSpacing: [Double], itkDirection: [Double], cropBox: [[Int]],
    labels: [Int], sizeAfterCropping: [Int]
  ) {
    self.originalSize = originalSize
    self.originalSpacing = originalSpacing
    self.imageFiles = imageFiles
    self.labelFile = labelFile
    self.itkOrigin = itkOrigin
    self.itkSpacing = itkSpacing
    self.itkDirection = itkDirection
    self.cropBox = cropBox
    self.labels = labels
    self.sizeAfterCropping = sizeAfterCropping
  }

  enum CodingKeys: String, CodingKey {
    case originalSize = "original_size_of_raw_data"
    case originalSpacing = "original_spacing"
    case imageFiles = "list_of_data_files"
    case labelFile = "seg_file"
    case itkOrigin = "itk_origin"
    case itkSpacing = "itk_spacing"
    case itkDirection = "itk_direction"
    case cropBox = "crop_bbox"
    case labels = "classes"
    case sizeAfterCropping = "size_after_cropping"
    case usesMaskForNormalization = "use_nonzero_mask_for_norm"
    case sizeAfterResampling = "size_after_resampling"
    case spacingAfterResampling = "spacing_after_resampling"
    case regionsClassOrder = "regions_class_order"
    case joinedChannelCount = "channel_count"
  }
}

extension CaseProperties {
  /// Reads properties and checks that they are those of an image, because computations rely on it.
  package init(from decoder: any Decoder) throws {
    var values = try CheckedContainer(decoder, keyedBy: CodingKeys.self)
    originalSize = try values.value(.originalSize, or: [])
    originalSpacing = try values.value(.originalSpacing, or: [])
    imageFiles = try values.value(.imageFiles, or: [])
    labelFile = try values.valueIfPresent(.labelFile)
    itkOrigin = try values.value(.itkOrigin, or: [])
    itkSpacing = try values.value(.itkSpacing, or: [])
    itkDirection = try values.value(.itkDirection, or: [])
    cropBox = try values.value(.cropBox, or: [])
    labels = try values.value(.labels, or: [])
    sizeAfterCropping = try values.value(.sizeAfterCropping, or: [])
    usesMaskForNormalization = try values.valueIfPresent(.usesMaskForNormalization)
    sizeAfterResampling = try values.valueIfPresent(.sizeAfterResampling)
    spacingAfterResampling = try values.valueIfPresent(.spacingAfterResampling)
    regionsClassOrder = try values.valueIfPresent(.regionsClassOrder)
    joinedChannelCount = try values.valueIfPresent(.joinedChannelCount)
    try values.throwIfAny()
    let rules = violatedRules
    guard rules.isEmpty else { throw RuleViolations(rules: rules) }
  }

  /// The rules that these properties break; each starts with the key that it concerns.
  var violatedRules: [String] {
    var rules: [String] = []
    func name(_ key: CodingKeys) -> String { key.rawValue }
    for (key, size) in [
      (CodingKeys.originalSize, originalSize), (.sizeAfterCropping, sizeAfterCropping),
      (.sizeAfterResampling, sizeAfterResampling ?? [1, 1, 1]),
    ] where !DatasetFingerprint.isSize(size) {
      rules.append(
        "\(name(key)) must be three positive numbers with a product of at most \(ArrayLimits.voxels) voxels"
          + " together, found \(size)")
    }
    for (key, spacing) in [
      (CodingKeys.originalSpacing, originalSpacing), (.itkSpacing, itkSpacing),
      (.spacingAfterResampling, spacingAfterResampling ?? [1, 1, 1]),
    ] where !DatasetFingerprint.isSpacing(spacing) {
      rules.append("\(name(key)) must be three positive numbers, found \(spacing)")
    }
    for (key, numbers, count) in [
      (CodingKeys.itkOrigin, itkOrigin, 3), (.itkDirection, itkDirection, 9),
    ] where !(numbers.count == count && numbers.allSatisfy(\.isFinite)) {
      rules.append("\(name(key)) must be \(count) numbers, found \(numbers)")
    }
    if rules.isEmpty, !boxFits {
      rules.append(
        "\(name(.cropBox)) must be a box of the size \(sizeAfterCropping) within \(originalSize),"
          + " found \(cropBox)")
    }
    if let count = joinedChannelCount, !(1...DatasetDescription.largestChannelCount ~= count) {
      rules.append(
        "\(name(.joinedChannelCount)) must be 1 to \(DatasetDescription.largestChannelCount),"
          + " found \(count)")
    }
    if let order = regionsClassOrder, !LabelScheme.isClassOrder(order) {
      rules.append("\(name(.regionsClassOrder)) must be labels of 0 to 255, found \(order)")
    }
    return rules
  }

  /// Whether the box is in the image and has the size after cropping.
  private var boxFits: Bool {
    cropBox.count == 3
      && cropBox.indices.allSatisfy { axis in
        guard cropBox[axis].count == 2 else { return false }
        let (lower, upper) = (cropBox[axis][0], cropBox[axis][1])
        return lower >= 0 && upper <= originalSize[axis] && lower < upper
          && upper - lower == sizeAfterCropping[axis]
      }
  }
}
