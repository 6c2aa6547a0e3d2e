public import Arrays
public import Foundation
public import Imaging
public import Plans
import Resampling

/// Brings probabilities of a prepared case back to the voxels of the image it was made from.
///
/// The axes are put back into the image's order, the probabilities resampled linearly to the size
/// after cropping, the most probable label of each voxel is taken and the result placed into an
/// otherwise empty segmentation of the image's size (nnU-Net v1's
/// `save_segmentation_nifti_from_softmax`).
public struct SegmentationExport: Hashable, Sendable {
  /// Axis `a` of the image is axis `transposeBackward[a]` of the prepared case.
  public var transposeBackward: [Int]
  /// The number of threads to work with.
  public var threads: Int

  public init(transposeBackward: [Int], threads: Int = 1) {
    precondition(transposeBackward.sorted() == [0, 1, 2])
    self.transposeBackward = transposeBackward
    self.threads = threads
  }

  /// The segmentation in the image's geometry.
  ///
  /// Labels are brought back one after the other, so that beside `probabilities` only three arrays
  /// of one number per voxel are in memory, however many labels there are.
  ///
  /// - Parameters:
  ///   - probabilities: `(label, z, y, x)` in the prepared case's axis order.
  ///   - properties: The case's properties from its preprocessing.
  public func segmentation(
    from probabilities: DenseArray<Float>, properties: CaseProperties
  ) -> LabelVolume {
    precondition(probabilities.rank == 4)
    let cropped = properties.sizeAfterCropping
    var selection = LabelSelection(count: cropped.reduce(1, *))
    for label in 0..<probabilities.shape[0] {
      let restored = restore(probabilities.slice(label), properties: properties)
      restored.scalars.withUnsafeBufferPointer { selection.offer($0) }
    }
    let labels = DenseArray(shape: cropped, scalars: selection.finish())
    return LabelVolume(
      labels: place(labels, in: properties.originalSize, at: properties.cropBox.map { $0[0] }),
      geometry: Geometry(
        spacing: properties.itkSpacing, origin: properties.itkOrigin,
        direction: properties.itkDirection))
  }

  /// Writes the segmentation as a NIfTI file of unsigned bytes.
  public func write(
    _ probabilities: DenseArray<Float>, properties: CaseProperties, to url: URL
  ) throws {
    try NIfTIFile.write(segmentation(from: probabilities, properties: properties), to: url)
  }

  /// One label's probabilities in the image's axis order and the size after cropping.
  private func restore(
    _ probabilities: DenseArray<Float>, properties: CaseProperties
  ) -> DenseArray<Float> {
    let inImageOrder = probabilities.transposed(transposeBackward)
    let target = properties.sizeAfterCropping
    guard inImageOrder.shape != target else { return inImageOrder }
    let spacing = properties.spacingAfterResampling ?? properties.originalSpacing
    return resampleProbabilities(
      inImageOrder.reshaped(to: [1] + inImageOrder.shape), to: target,
      originalSpacing: properties.originalSpacing,
      currentSpacing: transposeBackward.map { spacing[$0] }, threads: threads
    ).reshaped(to: target)
  }
}

/// Copies a segmentation into an otherwise empty one; what would lie outside is left out.
private func place(
  _ labels: DenseArray<UInt8>, in size: [Int], at lower: [Int]
) -> DenseArray<UInt8> {
  guard labels.shape != size else { return labels }
  let overlap = TileOverlap(origin: lower, size: labels.shape, imageSize: size)
  return DenseArray(shape: size) { target in
    labels.scalars.withUnsafeBufferPointer { source in
      target.initialize(repeating: 0)
      overlap.forEachRow { inTile, inImage, count in
        (target.baseAddress! + inImage).update(from: source.baseAddress! + inTile, count: count)
      }
    }
  }
}
