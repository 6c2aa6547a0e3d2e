import Arrays
import Evaluation
import Foundation
import HostSystem
import Imaging
import Plans

/// The unfinished files of a case: its segmentation, and its probabilities if they are kept.
struct SegmentationFiles: OutputDestination {
  private let identifier: String
  private let folder: URL
  private let ending: FileEnding
  private let properties: CaseProperties
  private let export: SegmentationExport
  private let postprocessing: Postprocessing?
  private var assembly: SegmentationAssembly
  private let spill: ProbabilitySpill?

  /// Creates the files of a case before its outputs are known.
  ///
  /// - Parameters:
  ///   - identifier: The case's name.
  ///   - folder: The folder to write the files to.
  ///   - ending: How the segmentation's name ends, which tells its format.
  ///   - properties: The case's properties from its preprocessing.
  ///   - outputs: The number of outputs per voxel.
  ///   - preparedSize: The size of the prepared case, z, y, x.
  ///   - export: How outputs are resampled to the image.
  ///   - savesProbabilities: Whether probabilities are kept.
  ///   - postprocessing: What to remove from the segmentation.
  /// - Throws: `FileError.cannotWrite(path:reason:)` if the folder has too little space for the
  ///   probabilities.
  init(
    identifier: String, folder: URL, ending: FileEnding, properties: CaseProperties, outputs: Int,
    preparedSize: [Int], export: SegmentationExport, savesProbabilities: Bool,
    postprocessing: Postprocessing?
  ) throws {
    self.identifier = identifier
    self.folder = folder
    self.ending = ending
    self.properties = properties
    self.export = export
    self.postprocessing = postprocessing
    assembly = export.assembly(of: properties, outputs: outputs, preparedSize: preparedSize)
    spill =
      savesProbabilities
      ? try ProbabilitySpill(in: folder, outputs: outputs, size: preparedSize) : nil
  }

  mutating func append(_ slab: DenseArray<Float>) throws {
    assembly.append(slab)
    try spill?.append(slab)
  }

  func write() throws {
    if let spill {
      try ProbabilitiesFile.write(
        spill, export: export, properties: properties, identifier: identifier, into: folder)
    }
    // The segmentation comes last: if it exists, everything does.
    var segmentation = assembly.finish()
    postprocessing?.apply(to: &segmentation)
    try VolumeFile.write(
      segmentation, to: folder.appending(path: ending.fileName(of: identifier)))
  }
}
