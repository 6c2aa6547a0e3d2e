package import Arrays
package import Foundation
package import Plans
import Resampling

extension Preprocessor {
  /// Creates a preprocessor that normalizes before it resamples.
  ///
  /// - Parameters:
  ///   - targetSpacing: mm, in the axis order of prepared cases.
  ///   - transposition: Axis `a` of a prepared case is axis `transposition[a]` of the image.
  ///   - foregroundLabels: The labels whose voxels are stored for patches.
  ///   - rule: How images and labels are resampled.
  ///   - normalization: How intensities are normalized.
  public init(
    targetSpacing: [Double], transposition: [Int], foregroundLabels: [Int],
    rule: PreprocessingRule, normalization: EarlyNormalization
  ) {
    self.init(
      channelCount: normalization.channels.count, targetSpacing: targetSpacing,
      transposition: transposition, foregroundLabels: foregroundLabels, rule: rule,
      steps: .normalizeThenResample(normalization))
  }

  /// Reads, crops and prepares a case and its segmentation by a cascade's first network.
  ///
  /// As in v2, the segmentation is treated like a case's labels: background outside the nonzero
  /// mask becomes -1, and z-scores use the voxels with labels that are not negative.
  ///
  /// - Parameters:
  ///   - imageFiles: One file per channel, in their order.
  ///   - normalization: How intensities are normalized, before resampling.
  ///   - segmentation: Returns the segmentation of a case with these properties.
  ///   - threads: The number of threads for resampling.
  /// - Returns: The case, with the segmentation as its labels.
  /// - Throws: ``PreprocessingError``, `ImagingError` or `ResamplingError`, and what `segmentation`
  ///   throws.
  package func preprocessTestCase(
    imageFiles: [URL], normalizedBy normalization: EarlyNormalization,
    segmentation: (CaseProperties) throws -> DenseArray<Int16>, threads: Int = 1
  ) throws -> PreparedCase {
    try checkChannels(of: imageFiles)
    var raw = try RawCaseReader.read(imageFiles: imageFiles)
    try checkChannels(of: raw)
    raw.labels = try segmentation(raw.properties)
    return try prepareNormalizedFirst(
      Cropping.crop(raw), normalization, resamplesLabels: true, threads: threads)
  }

  /// Prepares a cropped case.
  ///
  /// - Parameters:
  ///   - cropped: The case; its array is freed as soon as it is no longer needed.
  ///   - normalization: How intensities are normalized, before resampling.
  ///   - resamplesLabels: Whether the labels contain more than the mask of the image.
  ///   - threads: The number of threads for resampling.
  /// - Returns: The case, with labels of 0 unless `resamplesLabels`.
  /// - Throws: ``PreprocessingError`` if intensities do not suit the scheme, `ResamplingError` for
  ///   impossible sizes, and `MemoryError` if the case does not fit the memory.
  func prepareNormalizedFirst(
    _ cropped: consuming CroppedCase, _ normalization: EarlyNormalization,
    resamplesLabels: Bool = false, threads: Int
  ) throws -> PreparedCase {
    var properties = cropped.properties
    var data = cropped.data
    var labels = cropped.labels
    cropped = CroppedCase(data: .empty, labels: .empty, properties: properties)
    try normalization.normalize(&data, labels: labels)
    data = data.transposed([0] + transposition.map { $0 + 1 })
    let original = transposition.map { properties.originalSpacing[$0] }
    let target = rule.spacing(target: targetSpacing, original: original)
    try requireMemory(toResample: data.shape, of: properties, from: original, to: target)
    data = try resampleData(
      data, originalSpacing: original, targetSpacing: target, rule: rule.images, threads: threads)
    let size = Array(data.shape.dropFirst())
    properties.usesMaskForNormalization = normalization.usesMask
    properties.sizeAfterResampling = size
    properties.spacingAfterResampling = target
    if resamplesLabels {
      labels = labels.transposed(transposition)
      labels = try resampleLabels(
        labels.reshaped(to: [1] + labels.shape), originalSpacing: original,
        targetSpacing: target, rule: rule.labels, threads: threads
      ).withoutFirstAxis
    } else {
      labels = DenseArray(shape: size, filledWith: 0)
    }
    return PreparedCase(data: data, labels: labels, properties: properties)
  }
}
