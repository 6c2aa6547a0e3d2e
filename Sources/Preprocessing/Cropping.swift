package import Arrays
import HostSystem
import Plans

/// Cuts cases to the box around the voxels that are not 0 and marks what is outside them.
///
/// Images whose background is 0, such as skull-stripped MR, become much smaller. Source:
/// `crop_to_nonzero` in `nnunet/preprocessing/cropping.py`.
package enum Cropping {
  /// The label of voxels outside the nonzero mask.
  package static let outsideLabel: Int16 = -1

  /// Crops a case.
  ///
  /// The nonzero mask has the voxels that are not 0 in some channel, and the holes in between
  /// (``fillHoles(_:)``). Background labels outside it become ``outsideLabel``; labels of
  /// structures are kept. A case without labels is labelled 0 inside the mask.
  ///
  /// - Throws: ``PreprocessingError/emptyImage(files:)`` if all voxels are 0.
  package static func crop(_ raw: consuming RawCase) throws(PreprocessingError) -> CroppedCase {
    var properties = raw.properties
    guard let box = NonzeroMask.boundingBox(of: raw.data) else {
      throw .emptyImage(files: properties.imageFiles)
    }
    let shape = box.map(\.count)
    let labels = raw.labels
    let data = cut(raw.data, channels: raw.data.shape[0], to: box)
    let mask = nonzeroMask(data)
    var cropped =
      labels.map { cut($0, channels: 1, to: box).reshaped(to: shape) }
      ?? DenseArray(shape: shape, filledWith: 0)
    for index in cropped.scalars.indices
    where !mask.scalars[index] && cropped.scalars[index] == 0 {
      cropped.scalars[index] = outsideLabel
    }
    properties.cropBox = box.map { [$0.lowerBound, $0.upperBound] }
    properties.labels = distinct(cropped)
    properties.sizeAfterCropping = shape
    return CroppedCase(data: data, labels: cropped, properties: properties)
  }

  /// The voxels that are not 0 in some channel, with holes filled.
  ///
  /// - Parameter data: `(channel, z, y, x)`.
  /// - Returns: `(z, y, x)`.
  package static func nonzeroMask(_ data: DenseArray<Float>) -> DenseArray<Bool> {
    let count = data.shape.dropFirst().trustedProduct
    var mask = DenseArray(shape: Array(data.shape.dropFirst()), filledWith: false)
    mask.scalars.withUnsafeMutableBufferPointer { mask in
      data.scalars.withUnsafeBufferPointer { voxels in
        for channel in 0..<data.shape[0] {
          let source = voxels.baseAddress! + channel &* count
          for index in 0..<count { mask[index] = mask[index] || source[index] != 0 }
        }
      }
    }
    fillHoles(&mask)
    return mask
  }

  /// Fills the holes of a mask: false voxels that no path of faces connects with the border.
  ///
  /// Equal to `scipy.ndimage.binary_fill_holes`. A single slice has no holes, because all its
  /// voxels are at the border.
  ///
  /// - Parameter mask: `(z, y, x)`.
  package static func fillHoles(_ mask: inout DenseArray<Bool>) { NonzeroMask.fillHoles(&mask) }

  /// The part of every channel inside a box.
  private static func cut<Scalar>(
    _ array: DenseArray<Scalar>, channels: Int, to box: [Range<Int>]
  ) -> DenseArray<Scalar> {
    let input = Array(array.shape.suffix(3))
    let shape = [channels] + box.map(\.count)
    guard box != input.map({ 0..<$0 }) else { return array.reshaped(to: shape) }
    return DenseArray(shape: shape) { target in
      array.scalars.withUnsafeBufferPointer { source in
        var written = target.baseAddress!
        for channel in 0..<channels {
          for z in box[0] {
            for y in box[1] {
              let start = ((channel * input[0] + z) * input[1] + y) * input[2] + box[2].lowerBound
              written.initialize(from: source.baseAddress! + start, count: box[2].count)
              written += box[2].count
            }
          }
        }
      }
    }
  }

  /// The distinct labels, ascending.
  private static func distinct(_ labels: DenseArray<Int16>) -> [Int] {
    var found = [Bool](repeating: false, count: 1 << 16)
    for label in labels.scalars { found[Int(UInt16(bitPattern: label))] = true }
    return found.indices.filter { found[$0] }.map { Int(Int16(bitPattern: UInt16($0))) }.sorted()
  }
}
