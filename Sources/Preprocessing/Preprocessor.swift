import Arrays
package import Foundation
package import HostSystem
public import Plans
import Resampling

/// Turns cropped cases into the input of a network of one stage.
///
/// Axes are transposed according to the plans, the case is resampled to the stage's spacing, and
/// its intensities are normalized, before or after resampling. Training and inference do the same.
public struct Preprocessor: Sendable {
  /// The number of channels of each case.
  package let channelCount: Int
  /// The spacing of prepared cases, mm, in the plans' axis order.
  public let targetSpacing: [Double]
  /// Axis `a` of a prepared case is axis `transposition[a]` of the image.
  package let transposition: [Int]
  /// The foreground labels in the order of the plans.
  package let foregroundLabels: [Int]
  /// The rule of the plans' preprocessor.
  public let rule: PreprocessingRule
  /// The order in which a case is resampled and normalized, and how it is normalized.
  package let steps: Steps

  /// The order in which a case is resampled and normalized, and how it is normalized.
  package enum Steps: Sendable {
    case resampleThenNormalize(IntensityNormalization)
    case normalizeThenResample(EarlyNormalization)
  }

  /// Creates the preprocessor of a stage.
  ///
  /// - Parameters:
  ///   - plans: The plans.
  ///   - stage: The stage, 0 being the coarsest.
  ///   - table: What packages added.
  /// - Throws: ``PreprocessingError`` when the plans have no such stage or name a preprocessor or a
  ///   normalization that is not known.
  public init(
    plans: ExperimentPlans, stage: Int, table: PreprocessingTable = PreprocessingTable()
  ) throws(PreprocessingError) {
    guard let stagePlan = plans.stages[stage] else {
      throw .noSuchStage(stage: stage, stageCount: plans.stages.count)
    }
    channelCount = plans.channelCount
    targetSpacing = stagePlan.spacing
    transposition = plans.transposeForward
    foregroundLabels = plans.foregroundLabels
    switch plans.convention.preparationOrder {
    case .resampleThenNormalize:
      rule = try table.rule(named: plans.preprocessorName)
      steps = .resampleThenNormalize(
        IntensityNormalization(
          schemes: plans.normalizationSchemes, usesMask: plans.usesMaskForNormalization,
          intensities: plans.fingerprint.intensities,
          registered: try table.normalizations(of: plans.normalizationSchemes)))
    case .normalizeThenResample:
      rule = .ofV2(axes: stagePlan.patchSize.count)
      steps = .normalizeThenResample(try EarlyNormalization(plans))
    }
  }

  init(
    channelCount: Int, targetSpacing: [Double], transposition: [Int], foregroundLabels: [Int],
    rule: PreprocessingRule, steps: Steps
  ) {
    self.channelCount = channelCount
    self.targetSpacing = targetSpacing
    self.transposition = transposition
    self.foregroundLabels = foregroundLabels
    self.rule = rule
    self.steps = steps
  }

  /// Prepares a cropped case.
  ///
  /// - Parameters:
  ///   - cropped: The case; its array is freed as soon as it is no longer needed.
  ///   - threads: The number of threads to work with.
  /// - Returns: The case at the target spacing, in the plans' axis order.
  /// - Throws: ``PreprocessingError`` for another number of channels and intensities that are
  ///   missing, `ResamplingError` for impossible sizes, and what the code of a package throws.
  package func prepare(_ cropped: consuming CroppedCase, threads: Int = 1) throws -> PreparedCase {
    guard cropped.data.shape[0] == channelCount else {
      throw PreprocessingError.wrongChannelCount(
        case: cropped.properties.imageFiles.first ?? "The case", expected: channelCount,
        found: cropped.data.shape[0])
    }
    switch steps {
    case .resampleThenNormalize(let normalization):
      return try prepareResampledFirst(cropped, normalization, threads: threads)
    case .normalizeThenResample(let normalization):
      return try prepareNormalizedFirst(
        cropped, normalization, resamplesLabels: true, threads: threads)
    }
  }

  private func prepareResampledFirst(
    _ cropped: consuming CroppedCase, _ normalization: IntensityNormalization, threads: Int
  ) throws -> PreparedCase {
    var properties = cropped.properties
    var data = cropped.data
    var labels = cropped.labels
    cropped = CroppedCase(data: .empty, labels: .empty, properties: properties)
    data = data.transposed([0] + transposition.map { $0 + 1 })
    labels = labels.transposed(transposition)
    let original = transposition.map { properties.originalSpacing[$0] }
    let target = rule.spacing(target: targetSpacing, original: original)
    try requireMemory(toResample: data.shape, of: properties, from: original, to: target)
    data = try resampleData(
      data, originalSpacing: original, targetSpacing: target, rule: rule.images, threads: threads)
    labels = try resampleLabels(
      labels.reshaped(to: [1] + labels.shape), originalSpacing: original, targetSpacing: target,
      rule: rule.labels, threads: threads
    ).withoutFirstAxis
    if let divisor = rule.divisor {
      data.scalars.withUnsafeMutableBufferPointer { values in
        for index in values.indices { values[index] /= divisor }
      }
    } else {
      try normalization.normalize(&data, labels: labels)
    }
    try rule.filter?.apply(&data, target)
    properties.usesMaskForNormalization = normalization.usesMask
    properties.sizeAfterResampling = labels.shape
    properties.spacingAfterResampling = target
    return PreparedCase(data: data, labels: labels, properties: properties)
  }

  /// Reads, crops and prepares a case for inference.
  ///
  /// NaN voxels count as 0 from resampling on, as in v1, and the reporter receives their number.
  /// Models of v2 refuse them, because v2 has no such rule.
  ///
  /// - Parameters:
  ///   - imageFiles: One file per channel, in the order of training.
  ///   - threads: The number of threads to work with.
  ///   - reporter: Receives a warning about NaN voxels.
  /// - Returns: The case; its properties describe how to transform a segmentation back to the
  ///   image.
  /// - Throws: ``PreprocessingError`` for another number of channels, sizes that differ and voxels
  ///   that are not finite, `ImagingError` for files that cannot be read, or `ResamplingError`.
  package func preprocessTestCase(
    imageFiles: [URL], threads: Int = 1,
    reporter: any Reporter = SilentReporter()
  ) throws -> PreparedCase {
    try checkChannels(of: imageFiles)
    if case .normalizeThenResample(let normalization) = steps {
      let raw = try RawCaseReader.read(imageFiles: imageFiles)
      try checkChannels(of: raw)
      return try prepareNormalizedFirst(Cropping.crop(raw), normalization, threads: threads)
    }
    let raw = try RawCaseReader.read(imageFiles: imageFiles, acceptsNaN: true)
    try checkChannels(of: raw)
    let count = raw.data.scalars.count { $0.isNaN }
    if count > 0 {
      let names = imageFiles.map(\.lastPathComponent).joined(separator: ", ")
      reporter.warn(
        "\(count) of \(raw.data.count) voxels of \(names) are NaN (not a number); they count as 0.")
    }
    var cropped = try Cropping.crop(raw)
    if count > 0 {
      cropped.data.scalars.withUnsafeMutableBufferPointer { voxels in
        for index in voxels.indices where voxels[index].isNaN { voxels[index] = 0 }
      }
    }
    return try prepare(cropped, threads: threads)
  }

  /// Checks that a case fits into memory at the target spacing: before and after resampling, with
  /// what resampling needs in between.
  func requireMemory(
    toResample shape: [Int], of properties: CaseProperties, from original: [Double],
    to target: [Double]
  ) throws {
    let size = try AnisotropyRule.resampledShape(
      Array(shape.dropFirst()), spacing: original, target: target)
    guard let voxels = checkedProduct(size + [shape[0] + 1]), voxels > 1 << 24 else { return }
    try HostSystem.requireMemory(
      checkedProduct([voxels, 2 * MemoryLayout<Float>.size]),
      for:
        "\(properties.imageFiles.first ?? "the case"), which has \(sizeText(size)) voxels when it"
        + " is resampled from \(original) to \(target) mm")
  }

  /// Checks before anything is read that there is a file for each channel, unless files may have several.
  func checkChannels(of imageFiles: [URL]) throws(PreprocessingError) {
    let ending = imageFiles.first.flatMap { FileEnding(ofName: $0.lastPathComponent) }
    if let ending, ending.holdsChannels { return }
    guard imageFiles.count == channelCount else {
      throw PreprocessingError.wrongChannelCount(
        case: imageFiles.first?.path ?? "The case", expected: channelCount,
        found: imageFiles.count)
    }
  }
}

extension Preprocessor {
  /// Checks that a case has as many channels as the plans say.
  func checkChannels(of raw: RawCase) throws(PreprocessingError) {
    guard raw.data.shape[0] == channelCount else {
      throw PreprocessingError.wrongChannelCount(
        case: raw.properties.imageFiles.first ?? "The case", expected: channelCount,
        found: raw.data.shape[0])
    }
  }
}

extension DenseArray {
  /// An array without elements.
  static var empty: DenseArray { DenseArray(shape: [0], scalars: []) }

  /// The only entry of the first axis.
  var withoutFirstAxis: DenseArray { reshaped(to: Array(shape.dropFirst())) }
}
