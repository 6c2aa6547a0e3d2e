package import Arrays
import Foundation
import HostSystem

/// The weights of a tile's voxels: a Gaussian, because a network is least reliable at a tile's
/// border.
///
/// The standard deviation is an eighth of the patch and the maximum is 1 at index `patch / 2`. This
/// is the result of `scipy.ndimage.gaussian_filter` for a single voxel, as in nnU-Net v1: its
/// kernel ends at 4 standard deviations, which is the tile's border, so that no weight is zero.
///
/// - Parameters:
///   - patchSize: The tile's size, voxels.
///   - rounding: How the weights are rounded.
/// - Returns: The weights in the shape of the tile.
package func gaussianImportance(
  patchSize: [Int], as rounding: InferenceConvention.TileWeights = .singlePrecision
) -> DenseArray<Float> {
  var weights = [1.0]
  for extent in patchSize {
    let profile = gaussianProfile(extent)
    weights = weights.flatMap { weight in profile.map { weight * $0 } }
  }
  let largest = weights.max() ?? 1
  return DenseArray(
    shape: patchSize, scalars: rounding.rounded(weights.map { $0 / largest }))
}

/// The normalized kernel along one axis, centred at `extent / 2`.
private func gaussianProfile(_ extent: Int) -> [Double] {
  let deviation = Double(extent) / 8
  let radius = Int(trusted: 4 * deviation + 0.5)
  let kernel = (-radius...radius).map { offset in
    exp(-0.5 / (deviation * deviation) * Double(offset * offset))
  }
  let sum = kernel.reduce(0, +)
  return (0..<extent).map { kernel[$0 - extent / 2 + radius] / sum }
}
