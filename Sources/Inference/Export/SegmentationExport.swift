package import Arrays
package import Foundation
import HostSystem
package import Imaging
package import Plans
package import Resampling

/// Transforms the probabilities of a prepared case back to the voxels of its image.
///
/// The probabilities are resampled linearly to the size after cropping, the most probable label of
/// each voxel is taken, the axes are returned to the image's order, and the result is placed into
/// an otherwise empty segmentation of the image's size (nnU-Net v1's
/// `save_segmentation_nifti_from_softmax`).
package struct SegmentationExport: Hashable, Sendable {
  /// The accuracy, by the names of nnU-Net's `--mode`.
  package enum Mode: String, Hashable, Sendable, CaseIterable {
    /// Probabilities are resampled, then the label is chosen.
    case normal
    /// The label is chosen at the network's resolution and the segmentation resampled.
    case fast
    /// Like `fast`, but each voxel takes the nearest one's label.
    case fastest
  }

  /// Axis `a` of the image is axis `transposeBackward[a]` of the prepared case.
  package var transposeBackward: [Int]
  /// The number of threads to work with.
  package var threads: Int
  /// What the outputs mean.
  package var scheme: LabelScheme
  package var mode: Mode
  /// How probabilities are resampled.
  package var rule: ResamplingRule
  /// What the outputs are, and whose spacing decides which axis is resampled separately.
  package var convention = InferenceConvention.v1

  package init(
    transposeBackward: [Int], threads: Int = 1, scheme: LabelScheme = .labels,
    mode: Mode = .normal, rule: ResamplingRule = .probabilities
  ) {
    precondition(transposeBackward.sorted() == [0, 1, 2])
    self.transposeBackward = transposeBackward
    self.threads = threads
    self.scheme = scheme
    self.mode = mode
    self.rule = rule
  }

  /// Makes the segmentation in the image's geometry.
  ///
  /// - Parameters:
  ///   - probabilities: `(label, z, y, x)` in the prepared case's axis order.
  ///   - properties: The case's properties from its preprocessing.
  /// - Returns: The labels `(z, y, x)` of the whole image; 0 outside the crop.
  package func segmentation(
    from probabilities: DenseArray<Float>, properties: CaseProperties
  ) -> LabelVolume {
    precondition(probabilities.rank == 4)
    var assembly = assembly(
      of: properties, outputs: probabilities.shape[0],
      preparedSize: Array(probabilities.shape.dropFirst()))
    assembly.append(probabilities)
    return assembly.finish()
  }

  /// Writes the segmentation as a file of unsigned bytes, whose name tells the format.
  package func write(
    _ probabilities: DenseArray<Float>, properties: CaseProperties, to url: URL
  ) throws {
    try VolumeFile.write(segmentation(from: probabilities, properties: properties), to: url)
  }

  /// Begins a segmentation from probabilities that arrive slab by slab.
  ///
  /// - Parameters:
  ///   - properties: The case's properties from its preprocessing.
  ///   - outputs: The number of probabilities per voxel.
  ///   - preparedSize: The size of the prepared case, in its axis order.
  /// - Returns: The object that takes the slabs, in the order of the prepared case's first axis.
  package func assembly(
    of properties: CaseProperties, outputs: Int, preparedSize: [Int]
  ) -> SegmentationAssembly {
    SegmentationAssembly(
      export: self, properties: properties, outputs: outputs, preparedSize: preparedSize)
  }

  /// The map from the prepared case's voxels to those of the cropped image, in the prepared axis
  /// order.
  func sampling(of properties: CaseProperties, preparedSize: [Int]) -> PlaneSampling {
    let forward = inverse(transposeBackward)
    return PlaneSampling(
      from: preparedSize, to: forward.map { properties.sizeAfterCropping[$0] },
      separateAxis: separateAxis(of: properties).map { transposeBackward[$0] }, rule: rule)
  }

  /// The image's axis that is resampled separately.
  func separateAxis(of properties: CaseProperties) -> Int? {
    let spacing = properties.spacingAfterResampling.map { spacing in
      transposeBackward.map { spacing[$0] }
    }
    let image = properties.originalSpacing
    let spacings = convention.spacingSources.map { $0 == .image ? image : spacing ?? image }
    return AnisotropyRule.separateAxis(
      spacing: spacings[0], target: spacings[1], forced: rule.separatesThickAxis)
  }
}

/// An unfinished segmentation: it takes slabs of probabilities and gives the image's segmentation.
package struct SegmentationAssembly: Sendable {
  private let export: SegmentationExport
  private let properties: CaseProperties
  private var planes: LabelPlanes

  init(
    export: SegmentationExport, properties: CaseProperties, outputs: Int, preparedSize: [Int]
  ) {
    self.export = export
    self.properties = properties
    let sampling =
      export.mode == .normal
      ? export.sampling(of: properties, preparedSize: preparedSize)
      : PlaneSampling(from: preparedSize, to: preparedSize, separateAxis: nil)
    planes = LabelPlanes(
      sampling: sampling, scheme: export.scheme, outputCount: outputs, threads: export.threads,
      regionThreshold: export.convention.regionThreshold)
  }

  /// Takes the next slab, `(label, z, y, x)`, in the order of the prepared case's first axis.
  package mutating func append(_ slab: DenseArray<Float>) { planes.append(slab) }

  /// The segmentation after all slabs have been appended.
  package consuming func finish() -> LabelVolume {
    let (export, properties) = (export, properties)
    var labels = planes.finish().transposed(export.transposeBackward)
    let cropped = properties.sizeAfterCropping
    if labels.shape != cropped {
      labels = resizeLabels(
        labels.map { Int16($0) }, to: cropped, separateAxis: export.separateAxis(of: properties),
        order: export.mode == .fastest ? .nearest : .linear, threads: export.threads
      ).map { UInt8($0) }
    }
    return LabelVolume(
      labels: place(labels, in: properties.originalSize, at: properties.cropBox.map { $0[0] }),
      geometry: Geometry(
        spacing: properties.itkSpacing, origin: properties.itkOrigin,
        direction: properties.itkDirection))
  }
}

/// The inverse of a transposition.
func inverse(_ transposition: [Int]) -> [Int] {
  transposition.indices.map { transposition.firstIndex(of: $0) ?? $0 }
}

/// Copies an array into one that is otherwise zero; parts outside are ignored.
func place<Scalar: ExpressibleByIntegerLiteral>(
  _ values: DenseArray<Scalar>, in size: [Int], at lower: [Int]
) -> DenseArray<Scalar> {
  guard values.shape != size else { return values }
  let overlap = TileOverlap(origin: lower, size: values.shape, imageSize: size)
  return DenseArray(shape: size) { target in
    values.scalars.withUnsafeBufferPointer { source in
      target.initialize(repeating: 0)
      overlap.forEachRow { inTile, inImage, count in
        (target.baseAddress! + inImage).update(from: source.baseAddress! + inTile, count: count)
      }
    }
  }
}
