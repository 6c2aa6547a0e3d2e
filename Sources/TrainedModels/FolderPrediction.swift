import Evaluation
package import Foundation
package import HostSystem
package import Inference
import JSON
import Plans
import Resampling
package import Torch

/// The prediction of a folder of images with a trained model, as requested from `nnUNet_predict`.
///
/// A cascade needs ``previousFolder``.
package struct FolderPrediction: Sendable {
  package var model: TrainedModel
  /// Contains `CASE_0000.nii.gz`, `CASE_0001.nii.gz` and so on.
  package var input: URL
  /// Receives `CASE.nii.gz` and a copy of the plans; created if it is missing.
  package var output: URL
  package var folds: TrainedModel.Folds = .allTrained
  /// The checkpoint's name without its extension.
  package var checkpoint = "model_final_checkpoint"
  /// How the cases are predicted.
  package var options = PredictionOptions()
  /// The share of the cases to predict if several machines process a folder.
  package var part = 0
  package var partCount = 1
  /// Whether cases with an existing segmentation are predicted again.
  package var overwrites = false
  /// The identifiers of cases that need no prediction although they are in the folder.
  package var skipped: Set<String> = []
  /// Cases that failed and were reported in an earlier step; they count as failed here, too.
  package var failedBefore: [CaseFailure] = []
  /// Segmentations of the cascade's first network, for its second.
  package var previousFolder: URL?
  /// Whether folds that were trained with plans other than the model's predict anyway, and with a
  /// postprocessing that was determined before their training.
  package var acceptsDifferences = false

  package init(model: TrainedModel, input: URL, output: URL) {
    self.model = model
    self.input = input
    self.output = output
  }

  /// Predicts the cases.
  ///
  /// - Parameters:
  ///   - devices: Returns the devices; called only if there is something to predict.
  ///   - precision: The precision of convolutions on a device.
  ///   - reporter: Receives the progress, skipped cases and each case that fails.
  /// - Throws: ``InferenceError/casesFailed(_:of:)`` after all other cases have been predicted.
  package func run(
    on devices: () throws -> [Device], precision: (Device) -> Precision,
    reporter: any Reporter
  ) throws {
    precondition(partCount > 0 && 0..<partCount ~= part)
    precondition(
      options.mode == .normal || !options.savesProbabilities, "fast modes make no probabilities")
    guard !options.savesProbabilities || model.convention.makesProbabilities else {
      throw InferenceError.keepsNoProbabilities(model: model.folder.path)
    }
    let checkpoints = try model.checkpoints(of: folds, named: checkpoint, reporter: reporter)
    try model.checkOrigins(
      of: checkpoints, acceptsDifferences: acceptsDifferences, reporter: reporter)
    let postprocessing = try model.postprocessing(
      for: checkpoints, acceptsDifferences: acceptsDifferences, reporter: reporter)
    reporter.note(Self.foldsNote(checkpoints))
    let found = try cases()
    if let warning = found.channelWarning(names: model.plans.channelNames) {
      reporter.warn(warning)
    }
    let known = Set(failedBefore.map(\.identifier))
    for problem in found.problems where !known.contains(problem.identifier) {
      reporter.warn("\(problem.identifier) cannot be predicted: \(problem.reason)")
    }
    try makeFolder(at: output)
    sweepLeftovers(in: output, reporter: reporter)
    try model.writePlans(to: output)
    if let postprocessing {
      try JSONFile.write(postprocessing, to: output.appending(path: Postprocessing.fileName))
    }
    let pending = found.cases.filter {
      !skipped.contains($0.identifier) && !known.contains($0.identifier)
        && (overwrites || !isPredicted($0.identifier))
    }
    reporter.note("\(countText(found.cases.count, "case")), \(pending.count) of them to predict")
    for imageCase in pending {
      for difference in GeometryCheck(model.plans).differences(of: imageCase) {
        reporter.warn("\(imageCase.identifier): \(difference)")
      }
    }
    var problems = found.problems.filter { !known.contains($0.identifier) } + failedBefore
    if !pending.isEmpty {
      let devices = try devices()
      var predictor = try predictor(checkpoints, on: devices, precision: precision)
      predictor.pipeline.postprocessing = postprocessing
      let tooLarge = pending.compactMap(predictor.memoryProblem)
      for problem in tooLarge {
        reporter.warn("\(problem.identifier) cannot be predicted: \(problem.reason)")
      }
      let refused = Set(tooLarge.map(\.identifier))
      problems += tooLarge
      let accepted = pending.filter { !refused.contains($0.identifier) }
      predictor.casesAtOnce = predictor.casesAtOnce(of: accepted, wanted: devices.count)
      problems += predictor.predict(accepted, into: output, reporter: reporter)
    }
    guard problems.isEmpty else {
      throw InferenceError.casesFailed(
        problems.sorted { $0.identifier < $1.identifier },
        of: found.cases.count + found.problems.count)
    }
  }

  /// The predicting folds, in nnU-Net v1's words.
  private static func foldsNote(_ checkpoints: [URL]) -> String {
    let folds = checkpoints.map { url in
      let name = url.deletingLastPathComponent().lastPathComponent
      return name.dropping(prefix: Fold.folderPrefix).map(String.init) ?? name
    }
    let stem = checkpoints[0].deletingPathExtension().lastPathComponent
    return "using the fold\(folds.count == 1 ? "" : "s") \(folds.joined(separator: ", ")) (\(stem))"
  }

  /// The cases of this part of the folder, and those that cannot be predicted.
  package func cases() throws -> CaseEnumeration {
    try CaseEnumeration(
      folder: input, channelCount: model.plans.channelCount, ending: model.plans.fileEnding
    ).part(part, of: partCount)
  }

  private func predictor(
    _ checkpoints: [URL], on devices: [Device], precision: (Device) -> Precision
  ) throws -> FolderPredictor {
    let rules = try model.predictionRules()
    let pipeline = PredictionPipeline(
      try networks(checkpoints, rules: rules, on: devices, precision: precision), rules: rules,
      options: options)
    var predictor = FolderPredictor(preprocessor: try model.preprocessor(), pipeline: pipeline)
    predictor.previous = previousFolder.map {
      PreviousSegmentations(
        folder: $0, labels: model.plans.foregroundLabels, ending: model.plans.fileEnding)
    }
    return predictor
  }

  /// The networks on one device, or on any free one of several.
  private func networks(
    _ checkpoints: [URL], rules: PredictionRules, on devices: [Device],
    precision: (Device) -> Precision
  ) throws -> [any TilePredictor] {
    precondition(!devices.isEmpty)
    // A network allocates and frees the same large blocks for every tile.
    if options.memoryLimit == nil { try TorchRuntime.keepFreedMemory() }
    var loaded: [Device: [NetworkTilePredictor]] = [:]
    for device in devices where loaded[device] == nil {
      loaded[device] = try model.predictors(
        checkpoints: checkpoints, rules: rules, on: device, precision: precision(device),
        options: options)
    }
    guard devices.count > 1 else { return loaded[devices[0]] ?? [] }
    // Devices that share the processor also share its cores.
    let shares = devices.count { $0.kind == .cpu }
    if shares > 1 { try TorchRuntime.setThreads(max(1, TorchRuntime.threads() / shares)) }
    return DevicePool(devices.map { loaded[$0] ?? [] }).predictors
  }

  /// Whether all files of a case are in the output folder.
  package func isPredicted(_ name: String) -> Bool {
    var files = [output.appending(path: model.plans.fileEnding.fileName(of: name))]
    if options.savesProbabilities {
      files += [
        ProbabilitiesFile.archive(of: name, in: output),
        ProbabilitiesFile.properties(of: name, in: output),
      ]
    }
    // An empty file is left by a full disk or another program; it is not a segmentation.
    return files.allSatisfy { (fileSize($0) ?? 0) > 0 && !isFolder($0) }
  }
}
