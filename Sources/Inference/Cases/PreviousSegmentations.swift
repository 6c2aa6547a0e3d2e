import Arrays
package import Foundation
package import HostSystem
import Imaging
import Plans
package import Preprocessing
import Resampling

/// The segmentations of a cascade's first network, which its second network sees in addition to the
/// image.
///
/// A segmentation is cropped to the same box as the image, its axes are transposed like the
/// image's, and it is resized label by label to the prepared image; each foreground label becomes a
/// channel of zeros and ones. nnU-Net v1 omits the cropping, see `Guides/Deviations.md`.
package struct PreviousSegmentations: Hashable, Sendable {
  /// Holds `CASE.nii.gz`.
  package var folder: URL
  /// The foreground labels in the order of their channels.
  package var labels: [Int]
  /// How the names of the segmentations end.
  package var ending = FileEnding.standard

  package init(folder: URL, labels: [Int], ending: FileEnding = .standard) {
    self.folder = folder
    self.labels = labels
    self.ending = ending
  }

  /// Appends the channels of a case's segmentation to the case.
  ///
  /// - Parameters:
  ///   - prepared: The case; gets one more channel for each label.
  ///   - identifier: The case's name.
  ///   - transposition: Axis `a` of the prepared case is axis `transposition[a]` of the image.
  ///   - threads: The number of threads for resampling.
  /// - Throws: `ImagingError` if the segmentation cannot be read, and
  ///   ``InferenceError/previousShapeDiffers(file:shape:image:)`` if its size differs from the
  ///   image's.
  package func append(
    to prepared: inout PreparedCase, identifier: String, transposition: [Int], threads: Int = 1
  ) throws {
    let properties = prepared.properties
    let segmentation = try read(identifier, size: properties.originalSize)
    let cropped = cut(
      segmentation, from: properties.cropBox.map { $0[0] },
      size: properties.sizeAfterCropping)
    let resized = resizeLabels(
      cropped.transposed(transposition).map { Int16($0) }, to: Array(prepared.data.shape[1...]),
      order: .linear, threads: threads)
    append(resized, to: &prepared)
  }

  /// Prepares a case with its segmentation.
  ///
  /// - Parameters:
  ///   - imageCase: The case.
  ///   - preprocessor: Prepares its image.
  ///   - threads: The number of threads for resampling.
  ///   - reporter: Receives warnings about voxels that are NaN.
  /// - Returns: The case with one more channel for each label.
  /// - Throws: `PreprocessingError`, `ResamplingError` or `ImagingError` if the image cannot be
  ///   prepared or a file cannot be read, and
  ///   ``InferenceError/previousShapeDiffers(file:shape:image:)``.
  func prepare(
    _ imageCase: ImageCase, by preprocessor: Preprocessor, threads: Int = 1,
    reporter: any Reporter = SilentReporter()
  ) throws -> PreparedCase {
    let (files, identifier) = (imageCase.imageFiles, imageCase.identifier)
    switch preprocessor.steps {
    case .resampleThenNormalize:
      var prepared = try preprocessor.preprocessTestCase(
        imageFiles: files, threads: threads, reporter: reporter)
      try append(
        to: &prepared, identifier: identifier, transposition: preprocessor.transposition,
        threads: threads)
      return prepared
    case .normalizeThenResample(let normalization):
      // The segmentation is processed like labels, as in v2.
      var prepared = try preprocessor.preprocessTestCase(
        imageFiles: files, normalizedBy: normalization,
        segmentation: { properties in
          try read(identifier, size: properties.originalSize).map { Int16($0) }
        }, threads: threads)
      append(prepared.labels, to: &prepared)
      return prepared
    }
  }

  private func read(_ identifier: String, size: [Int]) throws -> DenseArray<UInt8> {
    let file = folder.appending(path: ending.fileName(of: identifier))
    let segmentation = try VolumeFile.readLabels(at: file).labels
    guard segmentation.shape == size else {
      throw InferenceError.previousShapeDiffers(
        file: file.path, shape: segmentation.shape, image: size)
    }
    return segmentation
  }

  /// Appends a channel of zeros and ones for each foreground label.
  private func append(_ resized: DenseArray<Int16>, to prepared: inout PreparedCase) {
    var scalars = prepared.data.scalars
    scalars.reserveCapacity(scalars.count + labels.count * resized.count)
    for label in labels {
      let label = Int16(label)
      scalars += resized.scalars.map { $0 == label ? 1 : 0 }
    }
    prepared.data = DenseArray(
      shape: [prepared.data.shape[0] + labels.count] + resized.shape, scalars: scalars)
  }
}

private func cut(
  _ labels: DenseArray<UInt8>, from lower: [Int], size: [Int]
) -> DenseArray<UInt8> {
  guard labels.shape != size else { return labels }
  let overlap = TileOverlap(origin: lower, size: size, imageSize: labels.shape)
  return DenseArray(shape: size) { target in
    labels.scalars.withUnsafeBufferPointer { source in
      target.initialize(repeating: 0)
      overlap.forEachRow { inTile, inImage, count in
        (target.baseAddress! + inTile).update(from: source.baseAddress! + inImage, count: count)
      }
    }
  }
}
