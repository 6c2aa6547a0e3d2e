import Arrays
import Plans
import Resampling

extension Preprocessor {
  /// Creates a preprocessor that normalizes before it resamples.
  ///
  /// - Parameters:
  ///   - targetSpacing: mm, in the axis order of prepared cases.
  ///   - transposition: Axis `a` of a prepared case is axis `transposition[a]` of the image.
  public init(
    targetSpacing: [Double], transposition: [Int], foregroundLabels: [Int],
    rule: PreprocessingRule, normalization: EarlyNormalization
  ) {
    self.init(
      channelCount: normalization.channels.count, targetSpacing: targetSpacing,
      transposition: transposition, foregroundLabels: foregroundLabels, rule: rule,
      early: normalization)
  }

  /// Prepares a cropped case for inference; its labels say nothing but where the image is.
  func prepareNormalizedFirst(
    _ cropped: consuming CroppedCase, _ normalization: EarlyNormalization, threads: Int
  ) throws -> PreparedCase {
    var properties = cropped.properties
    var data = cropped.data
    let labels = cropped.labels
    cropped = CroppedCase(data: .empty, labels: .empty, properties: properties)
    try normalization.normalize(&data, labels: labels)
    data = data.transposed([0] + transposition.map { $0 + 1 })
    let original = transposition.map { properties.originalSpacing[$0] }
    let target = rule.spacing(target: targetSpacing, original: original)
    data = try resampleData(
      data, originalSpacing: original, targetSpacing: target, rule: rule.images, threads: threads)
    let size = Array(data.shape.dropFirst())
    properties.sizeAfterResampling = size
    properties.spacingAfterResampling = target
    return PreparedCase(
      data: data, labels: DenseArray(shape: size, filledWith: 0), properties: properties)
  }
}
