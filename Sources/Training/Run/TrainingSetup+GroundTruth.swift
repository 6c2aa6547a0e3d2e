import Foundation
import HostSystem
import Imaging
import Plans

extension TrainingSetup {
  /// The folder of all cases' labels.
  var groundTruthFolder: URL { preprocessedTask.appending(path: "gt_segmentations") }

  /// The labels of a case as the user made them.
  func groundTruth(of identifier: String) -> URL {
    groundTruthFolder.appending(path: plans.fileEnding.fileName(of: identifier))
  }

  /// Copies all labels to the model's folder, so that it can be evaluated without the task.
  ///
  /// Existing files are not changed. Source: nnU-Net v1, `nnUNetTrainer.validate`: as there, a
  /// failed copy is only reported.
  func keepGroundTruth(reportingTo log: some Reporter) {
    let target = modelFolder.appending(path: "gt_niftis")
    let manager = FileManager.default
    let parts = plans.fileEnding.names(in: groundTruthFolder).flatMap {
      VolumeFile.files(ofSegmentation: groundTruthFolder.appending(path: $0))
    }
    for source in parts {
      let copy = target.appending(path: source.lastPathComponent)
      guard !manager.contentsEqual(atPath: source.path, andPath: copy.path) else { continue }
      do {
        try makeFolder(at: target)
        try AtomicFile.write(Data(contentsOf: source), to: copy)
      } catch {
        log.warn("The labels \(source.path) could not be copied to \(target.path): \(error)")
      }
    }
  }
}

extension TrainingSetup {
  /// The names of the labels, as far as the task's dataset.json contains them.
  var labelNames: [Int: String] {
    let file = preprocessedTask.appending(path: "dataset.json")
    return (try? DatasetDescription.read(from: file).labels) ?? [:]
  }
}
