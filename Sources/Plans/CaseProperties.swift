/// What is known of one case beside its voxels: where it came from and what was done to it.
///
/// Written as `CASE.json` beside the cropped and the preprocessed arrays, with the keys of nnU-Net
/// v1's case pickles. Arrays are in z, y, x order unless a key starts with `itk_` (x, y, z).
public struct CaseProperties: Codable, Hashable, Sendable {
  /// Size before cropping, voxels, z, y, x.
  public var originalSize: [Int]
  /// Spacing in mm, z, y, x.
  public var originalSpacing: [Double]
  /// The image files, one per channel.
  public var imageFiles: [String]
  /// The label file, if the case has one.
  public var labelFile: String?
  /// Geometry of the first channel as ITK states it, x, y, z.
  public var itkOrigin: [Double]
  public var itkSpacing: [Double]
  public var itkDirection: [Double]
  /// The box that cropping kept: `[lower, upper)` per axis, z, y, x.
  public var cropBox: [[Int]]
  /// The distinct labels after cropping, ascending, -1 (outside of the nonzero mask) included.
  public var labels: [Int]
  /// Size after cropping, voxels, z, y, x.
  public var sizeAfterCropping: [Int]
  /// Whether each channel was normalized within the nonzero mask only; nil before normalization.
  public var usesMaskForNormalization: [Int: Bool]?
  /// Size and spacing of the prepared array, in the plans' transposed axis order.
  public var sizeAfterResampling: [Int]?
  public var spacingAfterResampling: [Double]?
  /// Beside stored probabilities of regions: the label of each region; see ``LabelScheme``.
  public var regionsClassOrder: [Int]?

  public init(
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
  }
}
