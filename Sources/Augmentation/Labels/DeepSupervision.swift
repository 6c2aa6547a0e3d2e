package import Arrays
import Resampling

/// The resolutions at which a network is supervised, the highest first.
///
/// Source: nnU-Net, `downsample_seg_for_ds_transform2` with order 0.
package struct DeepSupervision: Hashable, Sendable {
  /// For each output of the network, the factor for each extent.
  package var scales: [[Double]]

  package init(scales: [[Double]]) { self.scales = scales }

  /// The outputs of a U-Net that pools with these factors.
  ///
  /// - Parameter poolingFactors: Per pooling, from the highest resolution down, one per axis.
  package init(poolingFactors: [[Int]]) {
    let rank = poolingFactors.first?.count ?? 0
    var divisor = Array(repeating: 1, count: rank)
    scales = [Array(repeating: 1, count: rank)]
    for factors in poolingFactors.dropLast() {
      divisor = zip(divisor, factors).map { $0 * $1 }
      scales.append(divisor.map { 1 / Double($0) })
    }
  }

  /// Shrinks labels to every resolution by taking nearest voxels.
  ///
  /// - Parameter labels: `(channel, spatial…)`.
  /// - Returns: One array per scale, with the same channels.
  package func targets(_ labels: DenseArray<Int16>) -> [DenseArray<Int16>] {
    scales.map { scale in
      precondition(scale.count == labels.rank - 1, "\(scale) does not fit labels \(labels.shape)")
      guard scale.contains(where: { $0 != 1 }) else { return labels }
      let shape = zip(labels.shape.dropFirst(), scale).map { roundHalfEven(Double($0) * $1) }
      return .stack((0..<labels.shape[0]).map { resizeToNearest(labels.slice($0), to: shape) })
    }
  }
}
