import Arrays
import Evaluation
import Foundation
import HostSystem
import Imaging
import JSON
import Plans

@testable import Reports

/// A minimal task with a model of two folds, in its own folder.
struct ReportFixture {
  static let task = "Task007_Tiny"
  let root: URL

  var workspace: Workspace {
    Workspace(
      rawDataBase: root.appending(path: "raw"), preprocessed: root.appending(path: "preprocessed"),
      results: root.appending(path: "results"))
  }

  var gathering: ReportGathering {
    ReportGathering(workspace: workspace, threads: 2, reporter: SilentReporter())
  }

  var model: URL {
    root.appending(path: "results/nnUNet/3d_fullres/\(Self.task)/nnUNetTrainerV2__nnUNetPlansv2.1")
  }

  init() throws {
    root = FileManager.default.temporaryDirectory.appending(path: "report-\(UUID().uuidString)")
    let raw = try workspace.rawTask(Self.task)
    try JSONFile.write(
      DatasetDescription(
        name: "Tiny <task>", channelNames: [0: "MRI"], labels: [0: "background", 1: "ball & more"],
        training: ["a", "b"].map(DatasetDescription.TrainingCase.init(identifier:))),
      to: Self.folder(raw).appending(path: "dataset.json"))
    for (fold, name) in ["a", "b"].enumerated() {
      let truth = Self.box(0..<4)
      // Case b is predicted worse than case a.
      let guess = Self.box(fold == 0 ? 1..<4 : 3..<4)
      try Self.write(truth, to: raw.appending(path: "labelsTr/\(name).nii.gz"))
      try NIfTIFile.write(
        Volume(voxels: Self.ramp, geometry: Geometry(spacing: [1, 1, 3])),
        to: Self.folder(raw.appending(path: "imagesTr")).appending(path: "\(name)_0000.nii.gz"))
      let folder = model.appending(path: "fold_\(fold)")
      let validation = folder.appending(path: "validation_raw")
      try Self.write(guess, to: validation.appending(path: "\(name).nii.gz"))
      let references = root.appending(path: "references\(fold)")
      try Self.write(truth, to: references.appending(path: "\(name).nii.gz"))
      try evaluateFolder(reference: references, prediction: validation, labels: [1])
      try AtomicFile.write(
        Data(Self.log.utf8), to: folder.appending(path: "training_log_2026_1_1_00_00_00.txt"))
    }
  }

  func remove() { try? FileManager.default.removeItem(at: root) }

  static let shape = [5, 20, 30]

  /// Bright to the right.
  static var ramp: DenseArray<Float> {
    DenseArray(shape: shape, scalars: (0..<shape.reduce(1, *)).map { Float($0 % 30) })
  }

  /// A block within some slices.
  static func box(_ slices: Range<Int>) -> DenseArray<UInt8> {
    var labels = DenseArray<UInt8>(shape: shape, filledWith: 0)
    for z in slices { for y in 5..<12 { for x in 8..<20 { labels[z, y, x] = 1 } } }
    return labels
  }

  static func write(_ labels: DenseArray<UInt8>, to file: URL) throws {
    _ = try folder(file.deletingLastPathComponent())
    try NIfTIFile.write(
      LabelVolume(labels: labels, geometry: Geometry(spacing: [1, 1, 3])), to: file)
  }

  private static func folder(_ url: URL) throws -> URL {
    try makeFolder(at: url)
    return url
  }

  /// Two epochs in the Python nnU-Net's log format, one of them twice: the training was continued.
  static let log = """
    Starting... 
    2026-01-01 00:00:00.000000: 
    epoch:  0 
    2026-01-01 00:00:10.000000: train loss : -0.1000 
    2026-01-01 00:00:11.000000: validation loss: -0.2000 
    2026-01-01 00:00:11.000000: Average global foreground Dice: [np.float64(0.5), 0.7] 
    2026-01-01 00:00:12.000000: This epoch took 12.500000 s

    2026-01-01 00:00:12.000000: 
    epoch:  1 
    2026-01-01 00:00:20.000000: train loss : -0.3000 
    2026-01-01 00:00:21.000000: validation loss: nan 
    2026-01-01 00:00:12.000000: 
    epoch:  1 
    2026-01-01 00:00:20.000000: train loss : -0.4000 
    2026-01-01 00:00:21.000000: validation loss: -0.5000 
    2026-01-01 00:00:21.000000: Average global foreground Dice: [0.8, nan] 
    2026-01-01 00:00:12.000000: This epoch took 8.500000 s
    """
}
