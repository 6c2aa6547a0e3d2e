import Archives
package import Foundation
package import HostSystem
package import Plans

/// Packs trained models of a task into one zip archive for ``ModelInstallation``.
///
/// The names in the archive are those in `RESULTS_FOLDER/nnUNet`. Validation predictions and
/// intermediate checkpoints are omitted.
package struct ModelPacking: Sendable {
  /// The folder `RESULTS_FOLDER/nnUNet`.
  package var results: URL
  /// The task's full name.
  package var task: String
  /// The networks to pack.
  package var configurations: [Configuration]
  /// The trainer of all networks except the cascade's.
  package var trainer = "nnUNetTrainerV2"
  /// The trainer of the cascade's network.
  package var cascadeTrainer = "nnUNetTrainerV2CascadeFullRes"
  /// The plans identifier.
  package var plans = "nnUNetPlansv2.1"
  /// The names of the folds' folders, such as `fold_0` and `all`.
  package var folds = (0..<5).map { Fold.number($0).folderName }
  /// Whether a missing model, fold or postprocessing is an error; otherwise it is omitted.
  package var isStrict = true

  package init(results: URL, task: String, configurations: [Configuration]) {
    self.results = results
    self.task = task
    self.configurations = configurations
  }

  private static let foldFiles = [
    "debug.json", "model_final_checkpoint.safetensors", "model_final_checkpoint.model",
    "model_final_checkpoint.model.pkl", "progress.png", "network_architecture.pdf",
  ]

  /// Packs the models.
  ///
  /// - Returns: The names in the archive.
  /// - Throws: ``ModelStoreError`` naming what is missing.
  package func write(
    to archive: URL, reporter: any Reporter = SilentReporter()
  ) throws -> [String] {
    var names: [String] = []
    for configuration in configurations {
      names += try modelFiles(configuration, reporter: reporter)
    }
    names += ensembleFiles(reporter: reporter)
    guard !names.isEmpty else {
      throw ModelStoreError.missing(
        what: "every requested model", task: task, path: results.path,
        remedy: "Train a model, or name another network, trainer or plans.")
    }
    let writer = try ZipWriter(to: archive)
    for (position, name) in names.enumerated() {
      // Weights do not get smaller.
      let isWeights = name.ends(with: ".safetensors") || name.ends(with: ".model")
      try writer.add(
        name, file: results.appending(path: name), compression: isWeights ? .stored : .standard)
      reporter.advance("packing", completed: position + 1, of: names.count)
    }
    try writer.finish()
    return names
  }

  private func modelFolder(_ configuration: Configuration) -> String {
    let trainer = configuration == .cascade ? cascadeTrainer : trainer
    return "\(configuration.rawValue)/\(task)/\(trainer)__\(plans)"
  }

  private func modelFiles(
    _ configuration: Configuration, reporter: any Reporter
  ) throws -> [String] {
    let model = modelFolder(configuration)
    guard exists(model) else {
      try missing("the model \(configuration.rawValue)", model, reporter, "Train it.")
      return []
    }
    let plansFiles = ["plans.json", "plans.pkl"].map { "\(model)/\($0)" }.filter(exists)
    guard !plansFiles.isEmpty else {
      throw ModelStoreError.missing(
        what: "the plans of \(configuration.rawValue)", task: task, path: "\(model)/plans.json",
        remedy:
          "The model cannot be used without it; copy the file from where the model was trained.")
    }
    // What the plans do not say about the network and its outputs.
    var names =
      plansFiles
      + ["network.json", "label_scheme.json"].map { "\(model)/\($0)" }.filter(exists)
    let postprocessing = "\(model)/postprocessing.json"
    if exists(postprocessing) {
      names.append(postprocessing)
    } else {
      try missing(
        "postprocessing.json of \(configuration.rawValue)", postprocessing, reporter,
        "Run nnUNet_determine_postprocessing.")
    }
    for fold in folds {
      let files = Self.foldFiles.map { "\(model)/\(fold)/\($0)" }.filter(exists)
      guard files.contains(where: { $0.holds("/model_final_checkpoint.") }) else {
        try missing(
          "the final checkpoint of \(configuration.rawValue) \(fold)", "\(model)/\(fold)", reporter,
          "Finish training the fold.")
        continue
      }
      names += files
    }
    return names
  }

  /// The postprocessing of ensembles whose two models are both packed.
  private func ensembleFiles(reporter: any Reporter) -> [String] {
    let folder = "ensembles/\(task)"
    guard exists(folder) else {
      reporter.note("No ensemble directory found for task \(task)")
      return []
    }
    let members = Set(
      configurations.map {
        let trainer = $0 == .cascade ? cascadeTrainer : trainer
        return "\($0.rawValue)__\(trainer)__\(plans)"
      })
    let found = (try? folderNames(in: results.appending(path: folder))) ?? []
    return found.filter { name in
      guard let pair = name.dropping(prefix: "ensemble_") else { return false }
      return pair.parts(at: "--", omittingEmpty: false)
        .allSatisfy { members.contains(String($0)) }
    }
    .map { "\(folder)/\($0)/postprocessing.json" }.filter(exists)
  }

  private func missing(
    _ what: String, _ path: String, _ reporter: any Reporter, _ remedy: String
  ) throws {
    guard !isStrict else {
      throw ModelStoreError.missing(
        what: what, task: task, path: results.appending(path: path).path,
        remedy: "\(remedy) Or use --disable_strict to pack what exists.")
    }
    reporter.warn("\(task) lacks \(what); it is left out")
  }

  private func exists(_ name: String) -> Bool {
    fileExists(results.appending(path: name))
  }
}
