public import Arrays

/// A volume or image prepared to be sampled at affine positions.
///
/// Equal to `scipy.ndimage.map_coordinates` with `mode='constant'`: between the centres of the
/// border voxels the spline of the volume mirrored at them, elsewhere a constant. Coefficients and
/// samples are in single precision, the filter in double.
public struct SplineSampler: Sendable {
  /// The shape of the volume.
  public let shape: [Int]
  /// The degree of the spline.
  public let order: InterpolationOrder
  private let extent: [Int]
  /// The coefficients with their mirror images around them: one before, two behind per axis.
  private let padded: DenseArray<Float>

  private static let before = 1
  private static let behind = 2

  /// Computes the coefficients.
  ///
  /// - Parameters:
  ///   - volume: `(z, y, x)` or `(y, x)`, without empty axes.
  ///   - order: The degree of the spline.
  public init(_ volume: DenseArray<Float>, order: InterpolationOrder = .cubic) {
    precondition((2...3).contains(volume.rank) && volume.count > 0)
    shape = volume.shape
    self.order = order
    extent = asVolume(volume.shape)
    var coefficients = volume.scalars
    if order == .cubic {
      MirrorPrefilter(shape: extent).run(&coefficients)
    }
    padded = Self.pad(coefficients, extent: extent, isVolume: volume.rank == 3)
  }

  /// Samples the volume.
  ///
  /// - Parameters:
  ///   - map: From voxels of the result to coordinates in the volume.
  ///   - outputShape: The shape of the result, of the volume's rank.
  ///   - outside: The value beyond the border voxels' centres.
  public func sample(
    _ map: AffineMap, outputShape: [Int], outside: Float = 0
  ) -> DenseArray<Float> {
    precondition(map.rank == shape.count && outputShape.count == shape.count)
    let output = asVolume(outputShape)
    let kernel = AffineKernel(
      map: map.asVolumeMap, extent: extent, paddedShape: padded.shape, outside: outside)
    return DenseArray(shape: outputShape) { result in
      padded.scalars.withUnsafeBufferPointer { source in
        for z in 0..<output[0] {
          for y in 0..<output[1] {
            let target = result.baseAddress! + (z &* output[1] &+ y) &* output[2]
            switch (order, shape.count) {
            case (.nearest, _): kernel.nearest(source.baseAddress!, z, y, output[2], target)
            case (.linear, _): kernel.linear(source.baseAddress!, z, y, output[2], target)
            case (.cubic, 2): kernel.cubicInPlane(source.baseAddress!, z, y, output[2], target)
            case (.cubic, _): kernel.cubic(source.baseAddress!, z, y, output[2], target)
            }
          }
        }
      }
    }
  }

  /// Surrounds the coefficients by their mirror images; an image has no slices around it.
  private static func pad(
    _ scalars: [Float], extent: [Int], isVolume: Bool
  ) -> DenseArray<Float> {
    let indices = extent.enumerated().map { axis, length in
      axis == 0 && !isVolume ? [0] : (-before..<length + behind).map { mirrored($0, length) }
    }
    let width = indices[2].count
    return DenseArray(shape: indices.map(\.count)) { target in
      scalars.withUnsafeBufferPointer { source in
        var line = target.baseAddress!
        for z in indices[0] {
          for y in indices[1] {
            let row = source.baseAddress! + (z &* extent[1] &+ y) &* extent[2]
            for x in 0..<before { line[x] = row[indices[2][x]] }
            (line + before).initialize(from: row, count: extent[2])
            for x in width - behind..<width { line[x] = row[indices[2][x]] }
            line += width
          }
        }
      }
    }
  }

  /// The voxel that an index beyond the border stands for, mirrored at the border voxels' centres.
  private static func mirrored(_ index: Int, _ length: Int) -> Int {
    guard length > 1 else { return 0 }
    let period = 2 * length - 2
    let folded = ((index % period) + period) % period
    return folded < length ? folded : period - folded
  }
}
