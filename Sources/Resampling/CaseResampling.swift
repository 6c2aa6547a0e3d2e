package import Arrays
import HostSystem

/// How a case is resampled: the spline orders and the handling of thick slices.
public struct ResamplingRule: Hashable, Sendable {
  /// The order in plane, or along all axes if no axis is resampled separately.
  public var order: InterpolationOrder
  /// The order along an axis that is resampled separately.
  public var orderAlongSeparateAxis: InterpolationOrder
  /// Whether to resample the thick axis separately; nil to let the spacing decide.
  public var separatesThickAxis: Bool?
  /// The label of a voxel between others.
  public var decision = LabelDecision.half

  /// Creates a rule; by default, an axis that is resampled separately uses the nearest slice.
  ///
  /// `order` is the order in plane, or along all axes if none is resampled separately.
  /// `separatesThickAxis` sets that explicitly; nil lets the spacing decide.
  public init(
    order: InterpolationOrder, orderAlongSeparateAxis: InterpolationOrder = .nearest,
    separatesThickAxis: Bool? = nil
  ) {
    self.order = order
    self.orderAlongSeparateAxis = orderAlongSeparateAxis
    self.separatesThickAxis = separatesThickAxis
  }

  /// nnU-Net's rule for images.
  public static let images = ResamplingRule(order: .cubic)
  /// nnU-Net's rule for segmentations.
  public static let labels = ResamplingRule(order: .linear)
  /// nnU-Net's rule for resampling probabilities to the image's voxels.
  public static let probabilities = ResamplingRule(order: .linear)
}

/// Resamples the channels of an image to another spacing by nnU-Net's rules.
///
/// The shape becomes `round(spacing / target · shape)`; see ``AnisotropyRule`` for the axis that is
/// resampled separately. Each channel, or each slice if slices are resized in their plane, is
/// clipped to its own range.
///
/// - Parameters:
///   - data: `(channel, z, y, x)`, finite values.
///   - originalSpacing: Spacing of `data` in mm, z, y, x.
///   - targetSpacing: Spacing of the result in mm, z, y, x.
///   - rule: Orders and separation.
///   - threads: The number of threads to work with.
/// - Returns: `(channel, z, y, x)` at `targetSpacing`.
/// - Throws: ``ResamplingError`` if an axis vanishes, the result is too large or a spacing is not
///   positive.
package func resampleData(
  _ data: DenseArray<Float>, originalSpacing: [Double], targetSpacing: [Double],
  rule: ResamplingRule = .images, threads: Int = 1
) throws(ResamplingError) -> DenseArray<Float> {
  let shape = try AnisotropyRule.resampledShape(
    Array(data.shape.dropFirst()), spacing: originalSpacing, target: targetSpacing)
  return resampleChannels(
    data, to: shape, rule: rule, threads: threads,
    separateAxis: AnisotropyRule.separateAxis(
      spacing: originalSpacing, target: targetSpacing, forced: rule.separatesThickAxis))
}

/// Resamples segmentations to another spacing by nnU-Net's rules, label by label.
///
/// - Parameters:
///   - labels: `(channel, z, y, x)`.
///   - originalSpacing: Spacing of `labels` in mm, z, y, x.
///   - targetSpacing: Spacing of the result in mm, z, y, x.
///   - rule: Orders, which may be 0 and 1 for labels, and separation.
///   - threads: The number of threads to work with.
/// - Returns: `(channel, z, y, x)` at `targetSpacing`.
/// - Throws: ``ResamplingError`` if an axis vanishes, the result is too large or a spacing is not
///   positive.
package func resampleLabels(
  _ labels: DenseArray<Int16>, originalSpacing: [Double], targetSpacing: [Double],
  rule: ResamplingRule = .labels, threads: Int = 1
) throws(ResamplingError) -> DenseArray<Int16> {
  let shape = try AnisotropyRule.resampledShape(
    Array(labels.shape.dropFirst()), spacing: originalSpacing, target: targetSpacing)
  guard shape != Array(labels.shape.dropFirst()) else { return labels }
  let axis = AnisotropyRule.separateAxis(
    spacing: originalSpacing, target: targetSpacing, forced: rule.separatesThickAxis)
  return .stack(
    (0..<labels.shape[0]).map { channel in
      guard let axis else {
        return resizeLabels(
          labels.slice(channel), to: shape, order: rule.order, decision: rule.decision,
          threads: threads)
      }
      return alongAxis(axis, of: labels.slice(channel), shape: shape) { volume, shape in
        let planes = DenseArray.stack(
          (0..<volume.shape[0]).map {
            resizeLabels(
              volume.slice($0), to: Array(shape.dropFirst()), order: rule.order,
              decision: rule.decision, threads: threads)
          })
        return interpolateFirstAxis(
          ofLabels: planes, to: shape[0], order: rule.orderAlongSeparateAxis)
      }
    })
}

/// Resamples the probabilities of a network back to the shape of the cropped image.
///
/// The image's spacing, and then the spacing of the probabilities, decide whether the thick axis is
/// resampled separately, as in nnU-Net's export of segmentations.
///
/// - Parameters:
///   - probabilities: `(label, z, y, x)` in the image's axis order.
///   - shape: The new shape, z, y, x.
///   - originalSpacing: The image's spacing in mm, z, y, x.
///   - currentSpacing: The spacing of `probabilities` in mm.
///   - rule: Orders and separation.
///   - threads: The number of threads to work with.
/// - Returns: `(label, z, y, x)` with the extents `shape`.
package func resampleProbabilities(
  _ probabilities: DenseArray<Float>, to shape: [Int], originalSpacing: [Double],
  currentSpacing: [Double], rule: ResamplingRule = .probabilities, threads: Int = 1
) -> DenseArray<Float> {
  resampleChannels(
    probabilities, to: shape, rule: rule, threads: threads,
    separateAxis: AnisotropyRule.separateAxis(
      spacing: originalSpacing, target: currentSpacing, forced: rule.separatesThickAxis))
}

/// Resizes every channel, with one axis separately or all axes together.
private func resampleChannels(
  _ data: DenseArray<Float>, to shape: [Int], rule: ResamplingRule, threads: Int,
  separateAxis: Int?
) -> DenseArray<Float> {
  let input = Array(data.shape.dropFirst())
  guard input != shape else { return data }
  let inputCount = input.trustedProduct
  let outputCount = shape.trustedProduct
  return DenseArray(shape: [data.shape[0]] + shape) { result in
    data.scalars.withUnsafeBufferPointer { source in
      for channel in 0..<data.shape[0] {
        let from = source.baseAddress! + channel * inputCount
        let into = result.baseAddress! + channel * outputCount
        if separateAxis == 0 {
          SliceResize(from: input, to: shape, rule: rule).run(from, into: into, threads: threads)
        } else if let axis = separateAxis {
          let volume = DenseArray(
            shape: input, scalars: Array(UnsafeBufferPointer(start: from, count: inputCount)))
          let resized = alongAxis(axis, of: volume, shape: shape) {
            SliceResize(from: $0.shape, to: $1, rule: rule).resize($0, threads: threads)
          }
          _ = UnsafeMutableBufferPointer(start: into, count: outputCount)
            .initialize(from: resized.scalars)
        } else if rule.order == .nearest {
          let volume = DenseArray(
            shape: input, scalars: Array(UnsafeBufferPointer(start: from, count: inputCount)))
          _ = UnsafeMutableBufferPointer(start: into, count: outputCount)
            .initialize(from: resizeToNearest(volume, to: shape, threads: threads).scalars)
        } else {
          VolumeResize(from: input, to: shape, order: rule.order, clips: true)
            .run(from, into: into, threads: threads)
        }
      }
    }
  }
}

/// Moves `axis` to the front, lets `body` resize the volume to the permuted shape, and moves the
/// axis back.
private func alongAxis<Scalar>(
  _ axis: Int, of volume: DenseArray<Scalar>, shape: [Int],
  _ body: (DenseArray<Scalar>, [Int]) -> DenseArray<Scalar>
) -> DenseArray<Scalar> {
  let forward = [axis] + (0..<volume.rank).filter { $0 != axis }
  let backward = forward.inversePermutation
  return body(volume.transposed(forward), forward.map { shape[$0] }).transposed(backward)
}
