import Arrays
import HostSystem

/// nnU-Net's rule for when an axis is resampled separately because its voxels are much longer.
///
/// Interpolation across thick slices would mix structures that are centimetres apart; there, the
/// slices are resized in their plane, and along the thick axis the nearest slice is used. Source:
/// Isensee et al., "nnU-Net", Nature Methods 18, 2021, supplementary note 2; `resample_patient` in
/// `nnunet/preprocessing/preprocessing.py`.
package enum AnisotropyRule {
  /// A spacing is anisotropic if its longest edge is more than this many times its shortest edge.
  package static let threshold = 3.0

  /// Decides which axis is resampled separately.
  ///
  /// - Parameters:
  ///   - spacing: Spacing of the data, mm.
  ///   - target: Spacing to resample to, mm.
  ///   - forced: True or false to set it explicitly, nil to decide by the spacings: by `spacing` if
  ///     that is anisotropic, else by `target`.
  /// - Returns: The only axis with the largest spacing; nil to resample all axes together.
  package static func separateAxis(
    spacing: [Double], target: [Double], forced: Bool? = nil
  ) -> Int? {
    let deciding: [Double]
    switch forced {
    case false?: return nil
    case true?: deciding = spacing
    case nil:
      if isAnisotropic(spacing) {
        deciding = spacing
      } else if isAnisotropic(target) {
        deciding = target
      } else {
        return nil
      }
    }
    guard let longest = deciding.max() else { return nil }
    let axes = deciding.indices.filter { longest / deciding[$0] == 1 }
    // Two long axes, as in (0.24, 1.25, 1.25), have no thick direction.
    return axes.count == 1 ? axes[0] : nil
  }

  /// Whether the longest edge is more than ``threshold`` times the shortest.
  package static func isAnisotropic(_ spacing: [Double]) -> Bool {
    guard let longest = spacing.max(), let shortest = spacing.min() else { return false }
    return longest / shortest > threshold
  }

  /// The shape after resampling: `round(spacing / target · shape)`, halves to even.
  ///
  /// - Throws: ``ResamplingError`` when an axis vanishes or a spacing is not positive.
  package static func resampledShape(
    _ shape: [Int], spacing: [Double], target: [Double]
  ) throws(ResamplingError) -> [Int] {
    for spacing in [spacing, target] where !spacing.allSatisfy({ $0 > 0 && $0.isFinite }) {
      throw .invalidSpacing(spacing)
    }
    let sizes = shape.indices.map {
      (spacing[$0] / target[$0] * Double(shape[$0])).rounded(.toNearestOrEven)
    }
    let most = Double(ArrayLimits.voxels)
    guard sizes.reduce(1.0, *) <= most, sizes.allSatisfy({ $0 <= Double(Int32.max) })
    else {
      throw .impossibleSize(shape: shape, spacing: spacing, targetSpacing: target)
    }
    let result = sizes.map { Int(trusted: $0) }
    guard result.allSatisfy({ $0 > 0 }) else {
      throw .vanishingAxis(shape: shape, spacing: spacing, targetSpacing: target)
    }
    return result
  }
}
