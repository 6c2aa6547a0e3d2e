import Foundation
import HostSystem
import Inference
import JSON
import ModelExchange
import Networks
import Plans
import Torch
import TrainedModels

// MARK: - The start of a session, and what it refuses

extension TrainingSession {
  var isValidationOnly: Bool {
    if case .validationOnly = start { return true }
    return false
  }

  var existingCheckpoints: [FoldFolder.Checkpoint] {
    FoldFolder.Checkpoint.allCases.filter(setup.foldFolder.exists)
  }

  /// The session after deciding between new weights and a checkpoint by what exists.
  ///
  /// Called while the folder's lock is held: before that, an earlier training may still write.
  var decided: TrainingSession {
    guard start == .resumingIfBegun else { return self }
    var session = self
    session.start = existingCheckpoints.isEmpty ? .fresh : .resuming
    return session
  }

  /// Refuses, before anything is written, what cannot be run.
  func refuseWhatCannotRun() throws {
    let folder = setup.foldFolder
    let foreign = V1Model.checkpoints(inFold: folder.url)
    guard foreign.isEmpty else {
      throw TrainingError.resultsOfV1(folder: folder.url.path, files: foreign)
    }
    // A network that cannot be used for prediction need not be trained.
    let convention = try setup.predictionRules().convention
    guard validation?.options.savesProbabilities != true || convention.makesProbabilities else {
      throw InferenceError.keepsNoProbabilities(model: setup.modelFolder.path)
    }
    if !isValidationOnly { try requireMemoryForBatches() }
    switch start {
    case .validationOnly(let checkpoint) where !folder.exists(checkpoint):
      throw TrainingError.notFinished(expected: folder.file(checkpoint).path)
    case .resuming where existingCheckpoints.isEmpty:
      throw TrainingError.noCheckpoint(folder: folder.url.path)
    case .fresh where !existingCheckpoints.isEmpty:
      throw TrainingError.alreadyTrained(folder: folder.url.path)
    default: break
    }
  }

  /// Refuses batches if not even images, labels and, on a processor, the features of the network's
  /// first stage fit into memory; training needs more.
  private func requireMemoryForBatches() throws {
    let patch = setup.stagePlan.patchSize
    let size = try setup.batchShare().elements.count
    var bytesPerVoxel = (setup.plans.channelCount + 1) * MemoryLayout<Float>.size
    if setup.device == .cpu, setup.recipe.network.registered == nil {
      // Each is kept for the gradients, in half precision at least.
      let (features, overflows) = setup.network.firstFeatures.multipliedReportingOverflow(
        by: 2 * 2)
      bytesPerVoxel += overflows ? 0 : features
    }
    try requireMemory(
      checkedProduct([size, bytesPerVoxel] + patch),
      for: "batches of \(size) patches of \(sizeText(patch)) voxels",
      remedy: "Train with smaller batches (--batch-size) or patches")
  }

  /// Keeps others out of the fold's folder.
  ///
  /// Two trainings in one folder would overwrite each other's checkpoints, and the user who starts
  /// a second one should know immediately. A validation, and a training that continues or begins,
  /// wait.
  func lockFolder(reportingTo reporter: any Reporter) throws -> FolderLock {
    let folder = setup.foldFolder.url
    if start == .resumingIfBegun || isValidationOnly {
      return try FolderLock(folder: folder, reporter: reporter)
    }
    guard let lock = try FolderLock(ifFree: folder, reporter: reporter) else {
      throw TrainingError.folderInUse(folder.path)
    }
    return lock
  }

  /// Compares the origin of the training with the existing ones.
  ///
  /// - Returns: What the user should know, once there is a log.
  /// - Throws: ``TrainingError/otherOrigin(model:differences:)``.
  func checkOrigin() throws -> (warnings: [String], notes: [String]) {
    let check = try OriginCheck(setup, start: start)
    guard check.differences.isEmpty || acceptsDifferences else {
      throw TrainingError.otherOrigin(
        model: setup.modelFolder.path, differences: check.differences)
    }
    return (
      check.differences.map { "\($0.text). Continuing anyway." } + setup.splitRemarks,
      check.remarks
    )
  }

  /// Writes what the folds of a model share and what this fold is made from, after all checks.
  func prepareFolder() throws {
    if start == .overwriting {
      for checkpoint in existingCheckpoints {
        try FileManager.default.removeItem(at: setup.foldFolder.file(checkpoint))
      }
    }
    try setup.splits?.store()
    // Inference reads the plans that the network was trained with, even if the task's plans change.
    try writePlans()
    // And knows its architecture, mirroring and regions.
    try setup.modelSettings.write(to: setup.modelFolder)
    try JSONFile.write(setup.recipe, to: setup.modelFolder.appending(path: "recipe.json"))
    try JSONFile.write(
      setup.origin, to: setup.foldFolder.url.appending(path: TrainingOrigin.fileName))
  }

  /// Writes the plans unless the existing ones are equivalent: the export of segmentations may have
  /// been changed in them.
  private func writePlans() throws {
    guard setup.modelPlans == nil else { return }
    try JSONFile.write(setup.plans, to: setup.modelPlansFile)
  }

  /// Removes the predictions of this fold's former network, so that they do not count as the new
  /// one's.
  func removeStaleValidations(reportingTo log: any Reporter) throws {
    let folder = setup.foldFolder.url
    let files = FileManager.default
    let names = (try? folderNames(in: folder)) ?? []
    let stale = names.filter {
      fileExists(folder.appending(path: $0).appending(path: FinalValidation.argumentsFile))
    }
    for name in stale.flatMap({ [$0, $0 + DefaultNames.postprocessedSuffix] })
    where fileExists(folder.appending(path: name)) {
      try files.removeItem(at: folder.appending(path: name))
      log.note("removed \(name), which the network before this one predicted")
    }
    // The fold's postprocessing was determined from them.
    let conclusion = folder.appending(path: TrainedModel.postprocessingFile)
    if !stale.isEmpty, fileExists(conclusion) { try files.removeItem(at: conclusion) }
    guard setup.configuration == .lowResolution else { return }
    let store = NextStageStore(model: setup.modelFolder)
    for identifier in setup.split.validation where fileExists(store.file(identifier)) {
      try files.removeItem(at: store.file(identifier))
    }
  }
}
