import Arrays
import Evaluation
import Foundation
import HostSystem
import Imaging
import TestSupport
import Testing

/// Segmentations of every format are compared and postprocessed.
@Suite struct FormatEvaluationTests {
  @Test(arguments: [".nrrd", ".mha", ".mhd", ".gipl", ".png", ".bmp", ".tif"])
  func foldersOfEveryFormatAreEvaluated(ending: String) throws {
    let (references, predictions) = (try temporaryFolder(), try temporaryFolder())
    let labels = DenseArray<UInt8>(shape: [1, 4, 5], scalars: (0..<20).map { UInt8($0 % 2) })
    for folder in [references, predictions] {
      try VolumeFile.write(
        LabelVolume(labels: labels, geometry: Geometry()),
        to: folder.appending(path: "case" + ending))
    }
    let summary = try evaluateFolder(
      reference: references, prediction: predictions, labels: [1], threads: 1, name: "", task: "")
    #expect(summary.cases.count == 1)
    #expect(summary.means[1]?[.dice] == 1)
  }
}
