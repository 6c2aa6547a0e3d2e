package import Foundation
import HostSystem
import JSON
package import Networks
import Plans

/// A model folder of nnU-Net v2: `plans.json`, `dataset.json` and `fold_X/checkpoint_final.pth`.
package struct V2Model: Sendable {
  package let folder: URL
  package let dataset: V2Dataset
  package let plans: V2Plans
  /// The configuration's name, such as `3d_fullres`.
  package let configurationName: String
  /// The configuration with what it inherits.
  package let configuration: V2Configuration

  /// The extension of checkpoints.
  package static let checkpointExtension = "pth"
  /// The name of a finished training's checkpoint, without its extension.
  package static let finalCheckpoint = "checkpoint_final"
  package static let plansFile = "plans.json"
  package static let datasetFile = "dataset.json"

  /// Whether a folder contains a model of v2: only these have a `dataset.json`.
  package static func isModel(_ folder: URL) -> Bool {
    [plansFile, datasetFile].allSatisfy {
      fileExists(folder.appending(path: $0))
    }
  }

  /// Reads a model folder.
  ///
  /// The configuration is the last part of the folder's name (`TRAINER__PLANS__CONFIGURATION`), or,
  /// if a folder has another name, the one in its checkpoints.
  ///
  /// - Throws: `JSONError`, `FileError` or ``ExchangeError``.
  package init(folder: URL) throws {
    self.folder = folder
    dataset = try JSONFile.read(V2Dataset.self, from: folder.appending(path: Self.datasetFile))
    let file = folder.appending(path: Self.plansFile)
    plans = try JSONFile.read(V2Plans.self, from: file)
    let parts = folder.lastPathComponent.parts(at: "__", omittingEmpty: false).map(String.init)
    if parts.count == 3, plans.configurations[parts[2]] != nil {
      configurationName = parts[2]
    } else {
      configurationName = try Self.configurationName(inCheckpointsOf: folder)
    }
    configuration = try plans.configuration(named: configurationName, path: file.path)
  }

  /// The network of the model.
  package func network() throws(ExchangeError) -> DynamicUNetConfiguration {
    // A cascade's network sees the labels of the configuration before it as channels.
    let labels = configuration.previousStage == nil ? 0 : dataset.foregroundLabels.count
    return try configuration.network(
      inputs: dataset.channelNames.count + labels, outputs: dataset.outputCount,
      path: folder.appending(path: Self.plansFile).path)
  }

  /// What a checkpoint contains besides the weights for prediction.
  package struct Checkpoint: Sendable {
    package var weights: [NamedArray]
    /// The axes that training mirrored; empty for none.
    package var mirrorAxes: [Int]
    package var trainer: String
  }

  /// Reads a checkpoint.
  ///
  /// PyTorch stores layers under several names in v2's networks; each layer is listed once.
  package static func checkpoint(contentsOf url: URL) throws -> Checkpoint {
    let file = try TorchFile(contentsOf: url)
    guard let state = file.value["network_weights"], state.entries != nil else {
      throw ExchangeError.unexpectedContent(
        path: url.path, key: "network_weights", problem: "a checkpoint's weights were expected")
    }
    let arrays = try file.arrays(of: state) {
      !$0.holds(".all_modules.") && !$0.holds("decoder.encoder.")
    }
    let axes = file.value["inference_allowed_mirroring_axes"]?.elements ?? []
    return Checkpoint(
      weights: arrays.map { NamedArray(name: plainName($0.name), array: $0.array) },
      mirrorAxes: axes.compactMap(\.integer),
      trainer: file.value["trainer_name"]?.string ?? "nnUNetTrainer")
  }

  /// A name without the prefixes of data-parallel training and compilation.
  private static func plainName(_ name: String) -> String {
    var name = Substring(name)
    for prefix in ["module.", "_orig_mod."] where name.begins(with: prefix) {
      name = name.dropFirst(prefix.count)
    }
    return String(name)
  }

  private static func configurationName(inCheckpointsOf folder: URL) throws -> String {
    let files = FileManager.default
    let folds = (try? folderNames(in: folder)) ?? []
    for fold in folds where fold.begins(with: Fold.folderPrefix) {
      let url = folder.appending(path: fold).appending(path: finalCheckpoint)
        .appendingPathExtension(checkpointExtension)
      guard files.fileExists(atPath: url.path) else { continue }
      let value = try TorchFile(contentsOf: url).value
      if let name = value["init_args"]?["configuration"]?.string { return name }
    }
    throw ExchangeError.unexpectedContent(
      path: folder.path, key: "configuration",
      problem: "neither its name (TRAINER__PLANS__CONFIGURATION) nor a checkpoint gives it")
  }
}
