package import Arrays
import HostSystem

/// Picks the most probable label of every voxel; labels are added one after the other.
///
/// If several labels are equally probable, the lowest wins. Only one probability and one label per
/// voxel are kept, whatever the number of labels.
package struct LabelSelection: Sendable {
  private var best: [Float]
  private var labels: [UInt8]
  private var offered = 0

  /// Starts without any label for `count` voxels.
  package init(count: Int) {
    best = []
    labels = Array(repeating: 0, count: count)
  }

  /// Adds the next label, beginning with 0.
  ///
  /// - Precondition: One probability per voxel; at most 256 labels.
  package mutating func offer(_ probabilities: UnsafeBufferPointer<Float>) {
    precondition(probabilities.count == labels.count && offered < 256)
    defer { offered += 1 }
    guard offered > 0 else {
      best = Array(probabilities)
      return
    }
    let label = UInt8(offered)
    best.withUnsafeMutableBufferPointer { best in
      labels.withUnsafeMutableBufferPointer { labels in
        guard let best = best.baseAddress, let labels = labels.baseAddress else { return }
        select(label, probabilities.baseAddress!, probabilities.count, best, labels)
      }
    }
  }

  /// The selected labels in the order of the voxels.
  package consuming func finish() -> [UInt8] { labels }
}

/// The most probable label of every voxel; the lowest of equally probable ones.
///
/// - Parameter probabilities: `(label, …)`.
/// - Returns: The labels in the shape of the remaining axes.
package func mostProbableLabels(_ probabilities: DenseArray<Float>) -> DenseArray<UInt8> {
  let shape = Array(probabilities.shape.dropFirst())
  let voxels = shape.trustedProduct
  var selection = LabelSelection(count: voxels)
  probabilities.scalars.withUnsafeBufferPointer { probabilities in
    for start in stride(from: 0, to: probabilities.count, by: max(voxels, 1)) {
      selection.offer(UnsafeBufferPointer(rebasing: probabilities[start..<start + voxels]))
    }
  }
  return DenseArray(shape: shape, scalars: selection.finish())
}

private func select(
  _ label: UInt8, _ values: UnsafePointer<Float>, _ count: Int,
  _ best: UnsafeMutablePointer<Float>, _ labels: UnsafeMutablePointer<UInt8>
) {
  for index in 0..<count {
    let isBetter = values[index] > best[index]
    best[index] = isBetter ? values[index] : best[index]
    labels[index] = isBetter ? label : labels[index]
  }
}
