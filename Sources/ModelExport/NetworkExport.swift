import Evaluation
package import Foundation
package import HostSystem
import JSON
import Networks
import Plans
import Preprocessing
import Torch
package import TrainedModels

/// Writes the networks of a model for other programs, with a JSON file that describes how images
/// are prepared for them and how their outputs are processed.
package struct NetworkExport: Sendable {
  /// The form of the networks.
  package enum Format: String, CaseIterable, Sendable {
    /// Named arrays, `FOLD.safetensors`.
    case safetensors
    /// The network with its weights, `FOLD.pt`, for `torch.jit.load`.
    case torchscript
  }

  package var model: TrainedModel
  package var format: Format
  package var folds = TrainedModel.Folds.allTrained
  /// The checkpoint's name without its extension.
  package var checkpoint = "model_final_checkpoint"

  package init(of model: TrainedModel, as format: Format) {
    self.model = model
    self.format = format
  }

  /// The name of the description.
  package static let descriptionFile = "model.json"

  /// Writes all folds and the description.
  ///
  /// - Returns: The files.
  /// - Throws: `InferenceError`, `ExchangeError`, `CheckpointError`, `TorchError` or `FileError`.
  package func write(
    to folder: URL, reporter: any Reporter = SilentReporter()
  ) throws -> [URL] {
    let checkpoints = try model.checkpoints(of: folds, named: checkpoint, reporter: reporter)
    try model.checkOrigins(of: checkpoints, acceptsDifferences: true, reporter: reporter)
    let postprocessing = try model.postprocessing(
      for: checkpoints, acceptsDifferences: true, reporter: reporter)
    let networks = try model.networks(checkpoints: checkpoints, on: .cpu)
    warnOfCode(reporter)
    sweepLeftovers(in: folder, reporter: reporter)
    // A description must never be next to networks that it does not describe.
    let change = try StagedChange(in: folder, for: "exporting")
    var files: [String] = []
    for (url, network) in zip(checkpoints, networks) {
      let name = url.deletingLastPathComponent().lastPathComponent
      files.append(name + (format == .safetensors ? ".safetensors" : ".pt"))
      try write(network.network, to: change.folder.appending(path: files[files.count - 1]))
    }
    try model.writePlans(to: change.folder)
    let isPostprocessed = postprocessing != nil
    if let postprocessing {
      try JSONFile.write(
        postprocessing.withoutFoldMarks,
        to: change.folder.appending(path: TrainedModel.postprocessingFile))
    }
    try JSONFile.write(
      try ModelDescription(
        of: model, architecture: networks[0].network.network.architecture,
        mirrorAxes: networks[0].mirrorAxes, networks: files,
        postprocessing: isPostprocessed ? TrainedModel.postprocessingFile : nil),
      to: change.folder.appending(path: Self.descriptionFile))
    // Plans and postprocessing, whose names depend on the model, are written before the
    // description.
    let others = try fileNames(in: change.folder)
      .filter { !files.contains($0) && $0 != Self.descriptionFile }
    try change.commit(
      files + others + [Self.descriptionFile],
      removing: isPostprocessed ? [] : [TrainedModel.postprocessingFile])
    return (files + [Self.descriptionFile]).map { folder.appending(path: $0) }
  }

  /// Reports the steps that the description can only name, because packages have code for them.
  private func warnOfCode(_ reporter: any Reporter) {
    let table = model.extensions.preprocessing
    let schemes = Set(model.plans.normalizationSchemes.values.map(\.rawValue))
    for name in schemes.intersection(table.normalizations.keys).sorted() {
      reporter.warn("\(Self.descriptionFile) only names the normalization \(name) of a package")
    }
    if table.rules[model.plans.preprocessorName]?.filter != nil {
      reporter.warn(
        "\(Self.descriptionFile) lacks what the preprocessor \(model.plans.preprocessorName) of a"
          + " package does at the end")
    }
  }

  private func write(_ network: TrainableNetwork, to file: URL) throws {
    switch format {
    case .safetensors:
      try SafetensorsFile(
        metadata: [NetworkArchitecture.metadataKey: network.network.architecture.json()],
        arrays: network.weights()
      ).write(to: file)
    case .torchscript:
      let architecture = network.network.architecture
      let example = try Tensor(
        shape: [1, architecture.inputChannels] + model.stagePlan.patchSize, filledWith: 0,
        on: .cpu)
      try withoutGradients {
        try saveScript(to: file, example: example, parameters: network.parameters.state) {
          (input) throws(TorchError) in
          try network.network.fullResolutionLogits(input)
        }
      }
    }
  }
}
