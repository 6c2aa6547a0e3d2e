import Archives
import Arrays
package import Foundation
import HostSystem
import JSON
package import Plans
import Resampling

/// The probabilities of a case: `CASE.npz`, and `CASE.json` with what is needed to read them.
///
/// The array `softmax` is float16, `(label, z, y, x)`, in the axes and the size of the whole image
/// before cropping; outside the crop box every label is 0. `CASE.json` contains the
/// `CaseProperties`, with `regionsClassOrder` if the outputs are regions.
///
/// To write them, let the network's slabs go into a ``ProbabilitySpill``:
///
///     let spill = try ProbabilitySpill(in: folder, outputs: outputs, size: preparedSize)
///     try volumePredictor.predict(image, using: predictors) { try spill.append($0) }
///     try ProbabilitiesFile.write(
///       spill, export: export, properties: properties, identifier: "case", into: folder)
///
/// To read them, take the labels one after the other from `NPZFile(at:
/// url).stream(ProbabilitiesFile.arrayName, as: HalfPrecision.self)`; the array covers the whole
/// image; nothing needs to be resampled or moved.
package enum ProbabilitiesFile {
  /// The name of the array in the archive.
  package static let arrayName = "softmax"

  /// The archive of a case.
  package static func archive(of identifier: String, in folder: URL) -> URL {
    folder.appending(path: identifier + ".npz")
  }

  /// The properties next to the archive of a case.
  package static func properties(of identifier: String, in folder: URL) -> URL {
    folder.appending(path: identifier + ".json")
  }

  /// Resamples probabilities to the image's voxels, label by label, and writes both files.
  ///
  /// Takes memory for one label, whatever their number.
  ///
  /// - Parameters:
  ///   - spill: The probabilities of the whole prepared case.
  ///   - export: Defines how they are resampled and what they mean.
  ///   - properties: The case's properties from its preprocessing.
  ///   - identifier: The case's name.
  ///   - folder: The folder to write the files to.
  /// - Throws: `FileError` if a file cannot be written or the scratch file cannot be read.
  package static func write(
    _ spill: ProbabilitySpill, export: SegmentationExport, properties: CaseProperties,
    identifier: String, into folder: URL
  ) throws {
    // Probabilities hardly become smaller at higher levels, which take several times longer.
    let file = try NPZWriter(
      to: archive(of: identifier, in: folder), compression: .deflated(level: 1))
    try file.begin(
      arrayName, shape: [spill.outputs] + properties.originalSize, as: HalfPrecision.self)
    let sampling = export.sampling(of: properties, preparedSize: spill.size)
    for output in 0..<spill.outputs {
      let resized = resample(
        try spill.probabilities(of: output), sampling, threads: export.threads)
      let whole = place(
        resized.transposed(export.transposeBackward), in: properties.originalSize,
        at: properties.cropBox.map { $0[0] })
      try whole.scalars.withUnsafeBufferPointer { patterns in
        try patterns.withMemoryRebound(to: HalfPrecision.self) { try file.append($0) }
      }
    }
    try file.end()
    var properties = properties
    properties.regionsClassOrder = export.scheme.regionsClassOrder
    try JSONFile.write(properties, to: Self.properties(of: identifier, in: folder))
    try file.finish()
  }

  /// One label at the cropped image's resolution, in the prepared axis order, as float16's bits.
  private static func resample(
    _ values: DenseArray<Float>, _ sampling: PlaneSampling, threads: Int
  ) -> DenseArray<UInt16> {
    let area = sampling.input[1] * sampling.input[2]
    let (rows, width) = (sampling.output[1], sampling.output[2])
    return DenseArray(shape: sampling.output) { result in
      nonisolated(unsafe) let result = result.baseAddress!
      values.scalars.withUnsafeBufferPointer { values in
        nonisolated(unsafe) let values = values.baseAddress!
        forEachInParallel(count: sampling.output[0], threads: threads) { plane in
          let scratch = UnsafeMutablePointer<Float>.allocate(capacity: sampling.scratchCount)
          defer { scratch.deallocate() }
          sampling.forEachRow(
            of: plane, lower: values + sampling.firstPlane(of: plane) * area,
            upper: values + sampling.lastPlane(of: plane) * area, scratch: scratch
          ) { row, line in
            let target = result + (plane * rows + row) * width
            for x in 0..<width { target[x] = HalfPrecision(line[x]).bitPattern }
          }
        }
      }
    }
  }
}
