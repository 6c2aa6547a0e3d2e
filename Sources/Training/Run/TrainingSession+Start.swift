import Foundation
import HostSystem
import Inference
import JSON
import ModelExchange
import Networks
import Plans
import Torch
import TrainedModels

// MARK: - Where a session begins, and what it refuses

extension TrainingSession {
  var isValidationOnly: Bool {
    if case .validationOnly = start { return true }
    return false
  }

  var existingCheckpoints: [FoldFolder.Checkpoint] {
    FoldFolder.Checkpoint.allCases.filter(setup.foldFolder.exists)
  }

  /// The session with the decision between new weights and a checkpoint taken by what is there.
  ///
  /// Asked for while the folder's lock is held: until then a training that was begun earlier may
  /// still write.
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
    // What nobody could predict with need not be trained.
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

  /// Refuses batches of which not even images, labels and, on a processor, the features of the
  /// network's first stage fit the memory; training takes more.
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
  /// Two trainings in one folder would overwrite each other's checkpoints, and who starts a second one
  /// should know at once. A validation, and who goes on in any case, wait.
  func lockFolder(reportingTo reporter: any HostSystem.ProgressReporting) throws -> FolderLock {
    let folder = setup.foldFolder.url
    if start == .resumingIfBegun || isValidationOnly {
      return try FolderLock(folder: folder, reporter: reporter)
    }
    guard let lock = try FolderLock(ifFree: folder, reporter: reporter) else {
      throw TrainingError.folderInUse(folder.path)
    }
    return lock
  }

  /// Compares what the training is made from with what is there.
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
    // Inference reads the plans that the network was trained with, whatever becomes of the task's.
    try writePlans()
    // And knows its architecture, mirroring and regions.
    try setup.modelSettings.write(to: setup.modelFolder)
    try JSONFile.write(setup.recipe, to: setup.modelFolder.appending(path: "recipe.json"))
    try JSONFile.write(
      setup.origin, to: setup.foldFolder.url.appending(path: TrainingOrigin.fileName))
  }

  /// Writes the plans unless those that are there are the same: how segmentations are exported may have
  /// been changed in them.
  private func writePlans() throws {
    guard setup.modelPlans == nil else { return }
    try JSONFile.write(setup.plans, to: setup.modelPlansFile)
  }

  /// Removes what a network that is no more predicted in this fold, so that nobody counts it as the
  /// new one's.
  func removeStaleValidations(reportingTo log: any HostSystem.ProgressReporting) throws {
    let folder = setup.foldFolder.url
    let files = FileManager.default
    let names = (try? folderNames(in: folder)) ?? []
    let stale = names.filter {
      fileExists(folder.appending(path: $0).appending(path: FinalValidation.argumentsFile))
    }
    for name in stale.flatMap({ [$0, $0 + FinalValidation.postprocessedSuffix] })
    where fileExists(folder.appending(path: name)) {
      try files.removeItem(at: folder.appending(path: name))
      log.note("removed \(name), which the network before this one predicted")
    }
    // The fold's postprocessing was concluded from them.
    let conclusion = folder.appending(path: TrainedModel.postprocessingFile)
    if !stale.isEmpty, fileExists(conclusion) { try files.removeItem(at: conclusion) }
    guard setup.configuration == .lowResolution else { return }
    let store = NextStageStore(model: setup.modelFolder)
    for identifier in setup.split.validation where fileExists(store.file(identifier)) {
      try files.removeItem(at: store.file(identifier))
    }
  }
}
