package import Arrays
import HostSystem

/// The distances between the surfaces of two segmentations of one structure, in mm.
///
/// A surface voxel is a voxel of the structure with a face that borders on another label or on the
/// end of the image. Its distance is that between its centre and the centre of the nearest surface
/// voxel of the other segmentation.
package struct SurfaceDistances: Hashable, Sendable {
  /// The distances of the prediction's surface voxels to the reference's surface, ascending.
  package let ofPrediction: [Float]
  /// The distances of the reference's surface voxels to the prediction's surface, ascending.
  package let ofReference: [Float]
  /// Whether one of the segmentations fills the whole image.
  let isFull: Bool

  /// Measures one label.
  ///
  /// - Parameters:
  ///   - label: The structure.
  ///   - reference: The true labels, z, y, x.
  ///   - prediction: The predicted labels, of the same shape.
  ///   - spacing: The distances between voxels, mm, z, y, x.
  package init(
    of label: UInt8, reference: DenseArray<UInt8>, prediction: DenseArray<UInt8>,
    spacing: [Double]
  ) {
    let boxes = [LabelBoxes(reference), LabelBoxes(prediction)]
    self.init(
      of: label, reference: reference, prediction: prediction, boxes: boxes, spacing: spacing)
  }

  /// Measures one label within the boxes that are already known.
  init(
    of label: UInt8, reference: DenseArray<UInt8>, prediction: DenseArray<UInt8>,
    boxes: [LabelBoxes], spacing: [Double]
  ) {
    precondition(reference.shape == prediction.shape && reference.rank == 3 && spacing.count == 3)
    let voxels = reference.shape.trustedProduct
    let own = boxes.map { $0[label] }
    isFull = own.contains { $0.voxelCount == voxels && voxels > 0 }
    guard own.contains(where: { $0.voxelCount > 0 }) else {
      (ofPrediction, ofReference) = ([], [])
      return
    }
    let box = own[0].union(own[1])
    let truth = Surface(of: label, in: reference, box: box)
    let guess = Surface(of: label, in: prediction, box: box)
    ofPrediction = guess.distances(to: truth, spacing: spacing)
    ofReference = truth.distances(to: guess, spacing: spacing)
  }

  /// The value of a distance metric, NaN if it is not defined.
  ///
  /// As in nnU-Net v1, distances are not defined if a segmentation is empty or full. The normalized
  /// surface Dice is 0 if only one is empty, and not defined if both are.
  package func value(of metric: Metric, tolerance: Double) -> Double {
    if metric == .normalizedSurfaceDice { return surfaceDice(tolerance: tolerance) }
    guard !isFull, !ofPrediction.isEmpty, !ofReference.isEmpty else { return .nan }
    return switch metric {
    case .hausdorffDistance: Double(max(ofPrediction.last ?? 0, ofReference.last ?? 0))
    case .hausdorffDistance95: percentile(95)
    case .averageSurfaceDistance: Self.mean(ofPrediction)
    case .averageSymmetricSurfaceDistance: (Self.mean(ofPrediction) + Self.mean(ofReference)) / 2
    default: .nan
    }
  }

  /// The fraction of both surfaces' voxels that are within `tolerance` mm of the other surface.
  private func surfaceDice(tolerance: Double) -> Double {
    let count = ofPrediction.count + ofReference.count
    guard count > 0 else { return .nan }
    // A distance that equals the tolerance must count, even after rounding to single precision.
    let limit = Float(tolerance * (1 + 1e-6))
    let near = [ofPrediction, ofReference].reduce(0) { sum, distances in
      sum + distances.partitioningIndex { $0 > limit }
    }
    return Double(near) / Double(count)
  }

  /// The percentile of both directions together, interpolated as NumPy does.
  private func percentile(_ percent: Double) -> Double {
    let all = (ofPrediction + ofReference).sorted()
    let position = percent / 100 * Double(all.count - 1)
    let index = Int(trusted: position)
    guard index + 1 < all.count else { return Double(all[all.count - 1]) }
    let (low, high) = (Double(all[index]), Double(all[index + 1]))
    return low + (high - low) * (position - Double(index))
  }

  private static func mean(_ values: [Float]) -> Double {
    values.reduce(0.0) { $0 + Double($1) } / Double(values.count)
  }
}

extension [Float] {
  /// The first index from which `isBeyond` is true, in an array that is sorted accordingly.
  fileprivate func partitioningIndex(where isBeyond: (Float) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if isBeyond(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}

/// The surface voxels of a structure in a box that contains all of it.
struct Surface {
  /// The size of the box, z, y, x.
  private let shape: [Int]
  /// The indices of the surface voxels in the box, ascending.
  private let voxels: [Int]

  init(of label: UInt8, in labels: DenseArray<UInt8>, box: VoxelBox) {
    shape = box.shape
    let (height, width) = (labels.shape[1], labels.shape[2])
    var voxels: [Int] = []
    labels.scalars.withUnsafeBufferPointer { labels in
      var index = 0
      for z in box.lower[0]..<box.upper[0] {
        for y in box.lower[1]..<box.upper[1] {
          // A neighbouring row outside the box is also outside the structure.
          let isInner =
            z > box.lower[0] && z + 1 < box.upper[0] && y > box.lower[1] && y + 1 < box.upper[1]
          let row = (z * height + y) * width
          for x in box.lower[2]..<box.upper[2] {
            defer { index &+= 1 }
            let place = row &+ x
            guard labels[place] == label else { continue }
            let isInside =
              isInner && x > box.lower[2] && x &+ 1 < box.upper[2]
              && labels[place &- 1] == label && labels[place &+ 1] == label
              && labels[place &- width] == label && labels[place &+ width] == label
              && labels[place &- width &* height] == label
              && labels[place &+ width &* height] == label
            if !isInside { voxels.append(index) }
          }
        }
      }
    }
    self.voxels = voxels
  }

  /// The distances of the surface voxels to the nearest voxel of another surface, ascending.
  ///
  /// If the other surface is empty, they are infinite.
  func distances(to other: Surface, spacing: [Double]) -> [Float] {
    guard !voxels.isEmpty else { return [] }
    guard !other.voxels.isEmpty else { return Array(repeating: .infinity, count: voxels.count) }
    var squares = [Float](repeating: .infinity, count: shape.trustedProduct)
    for voxel in other.voxels { squares[voxel] = 0 }
    var transform = DistanceTransform(shape: shape, spacing: spacing)
    transform.run(&squares, queries: voxels)
    return voxels.map { squares[$0].squareRoot() }.sorted()
  }
}
