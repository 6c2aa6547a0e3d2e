import Arrays
import Evaluation
package import Foundation
package import HostSystem
import JSON
import Networks
import Plans
import Torch

/// The work of `nnUNet_train`: trains or continues a fold, then validates it.
package struct TrainingSession: Sendable {
  package var setup: TrainingSetup
  package var start = Start.fresh
  package var validation: FinalValidation?
  /// Whether a postprocessing is determined from the validation of the fold.
  package var postprocessesFold = true
  /// Receives requests for a checkpoint or to end.
  package var interruption: TrainingInterruption?
  /// Whether the first network of a cascade predicts its validation cases for the second one.
  package var predictsNextStage = true
  /// Weights to begin a fresh training with.
  package var pretrainedWeights: URL?
  /// What the user changes in the recipe that a checkpoint was made with.
  package var changes = RecipeChanges()
  /// Whether the training continues with plans, a split or a network other than those of the
  /// existing checkpoints.
  package var acceptsDifferences = false
  /// Whether curves are also written for TensorBoard.
  package var writesTensorBoard = false

  /// The start of a session.
  package enum Start: Hashable, Sendable {
    /// With new weights; refuses a folder with checkpoints.
    case fresh
    /// With new weights, deleting existing checkpoints.
    case overwriting
    /// From the newest checkpoint.
    case resuming
    /// From the newest checkpoint, or with new weights if there is none; waits for a running
    /// training.
    case resumingIfBegun
    /// After the training: only validates with a checkpoint.
    case validationOnly(FoldFolder.Checkpoint)
  }

  package init(setup: TrainingSetup) { self.setup = setup }

  /// Runs the session; every process of a group does.
  ///
  /// - Throws: ``TrainingError`` and others; nothing that other folds share has been written then,
  ///   unless the training had begun.
  package func run(reporter: any Reporter) throws {
    try setup.ranks.run {
      guard setup.ranks.isFirst else { return try runTogether(log: reporter) }
      // Before the lock, which creates a folder, and again while it is held.
      try refuseWhatCannotRun()
      _ = try decided.checkOrigin()
      let lock = try lockFolder(reportingTo: reporter)
      try withExtendedLifetime(lock) {
        let session = decided
        // The existing files may have changed while another training held the lock.
        try session.refuseWhatCannotRun()
        let remarks = try session.checkOrigin()
        let log = try TrainingLog(in: setup.foldFolder.url, passingTo: reporter)
        for text in remarks.warnings { log.warn(text) }
        for text in remarks.notes { log.note(text) }
        for folder in foldersOfResults { sweepLeftovers(in: folder, reporter: log) }
        try session.runTogether(log: log)
      }
    }
  }

  /// The folders that a session writes to.
  private var foldersOfResults: [URL] {
    let fold = setup.foldFolder
    let validation = validation.map { fold.validationFolder(named: $0.folderName) }
    return [setup.modelFolder, fold.url] + (validation.map { [$0] } ?? [])
      + (setup.configuration == .lowResolution
        ? [NextStageStore(model: setup.modelFolder).folder] : [])
  }

  private func runTogether(log: any Reporter) throws {
    let saved = try share(setup.ranks.isFirst ? savedTraining(reportingTo: log) : nil)
    var session = self
    session.setup.seed = try setup.ranks.agree(onSeed: setup.seed)
    session.validation?.setup = session.setup
    if let saved { try session.takeOver(saved.checkpoint.state, log: log) }
    try session.run(from: saved, log: log)
  }

  /// A checkpoint and its file.
  private typealias Saved = (url: URL, checkpoint: TrainingCheckpoint)

  private func run(from saved: Saved?, log: any Reporter) throws {
    var run = try TrainingRun(setup)
    run.interruption = interruption
    if let saved { try run.restore(saved.checkpoint, from: saved.url) }
    if setup.ranks.isFirst {
      // Accepted differences are not written if nothing is trained with them.
      if !isValidationOnly, !run.isFinished || !acceptsDifferences {
        if saved == nil { try removeStaleValidations(reportingTo: log) }
        try prepareFolder()
      }
      describe(to: log)
    }
    if saved != nil, !isValidationOnly { try run.completeBestCheckpoint(reportingTo: log) }
    if let saved {
      log.note("continuing from \(saved.url.lastPathComponent), epoch \(run.progress.epoch)")
    } else if let pretrainedWeights, setup.ranks.isFirst {
      try run.warmStart(from: pretrainedWeights, reportingTo: log)
    }
    try setup.ranks.broadcast(run.network.parameters.state.map(\.tensor))
    if !isValidationOnly {
      if setup.ranks.isFirst {
        run.files = try makeFiles(epoch: run.progress.epoch)
        run.files?.writeSettings(
          parameterCount: try run.network.weights().reduce(0) { $0 + $1.array.count },
          reportingTo: log)
      }
      try run.run(reportingTo: log)
    }
    try validate(run, log: log)
    if predictsNextStage, setup.configuration == .lowResolution {
      log.note("predicting segmentations for the next stage of the cascade")
      try NextStagePrediction(setup: setup, interruption: interruption)
        .run(run.network, reportingTo: log)
    }
  }

  private func validate(_ run: TrainingRun, log: any Reporter) throws {
    guard var validation else {
      log.note("Validation inference was disabled. Not running inference on validation set.")
      return
    }
    validation.interruption = interruption
    try validation.run(run.network, reportingTo: log)
    guard setup.ranks.isFirst else { return }
    setup.keepGroundTruth(reportingTo: log)
    guard postprocessesFold else { return }
    let search = PostprocessingSearch(
      base: setup.foldFolder.url,
      references: setup.groundTruthFolder,
      rawFolder: validation.folderName,
      finalFolder: validation.folderName + DefaultNames.postprocessedSuffix,
      threads: validation.threads)
    try search.run(reporter: log)
  }

  private func makeFiles(epoch: Int) throws -> RunFiles {
    var files = RunFiles(setup: setup)
    if writesTensorBoard {
      files.tensorBoard = try TensorBoardFile(
        in: setup.foldFolder.url, at: Date().timeIntervalSince1970, resumingAt: epoch)
    }
    return files
  }
}

// MARK: - The start

extension TrainingSession {
  /// The checkpoint that the session begins with; nil if it begins with new weights.
  private func savedTraining(
    reportingTo log: any Reporter
  ) throws -> Saved? {
    switch start {
    case .fresh, .overwriting: return nil
    case .resuming, .resumingIfBegun: return try setup.foldFolder.newestCheckpoint(reportingTo: log)
    case .validationOnly(let kind):
      let url = setup.foldFolder.file(kind)
      return (url, try TrainingCheckpoint(contentsOf: url))
    }
  }

  /// Gives the first process's checkpoint to the others, which may not see its file.
  private func share(_ saved: Saved?) throws -> Saved? {
    guard setup.ranks.count > 1 else { return saved }
    let file = try saved.map { try Data(contentsOf: $0.url, options: .mappedIfSafe) }
    guard let data = try setup.ranks.broadcast(file) else { return nil }
    if let saved { return saved }
    let url = FileManager.default.temporaryDirectory
      .appending(path: "nnunet-\(UUID().uuidString).safetensors")
    defer { try? FileManager.default.removeItem(at: url) }
    try AtomicFile.write(data, to: url)
    return (setup.foldFolder.file(.latest), try TrainingCheckpoint(contentsOf: url))
  }

  /// Continues with the settings of the checkpoint, except for the user's current changes.
  private mutating func takeOver(
    _ state: TrainingCheckpoint.State, log: any Reporter
  ) throws {
    var recipe = state.recipe
    // The name is that of the folder, which may have been renamed or copied.
    recipe.name = setup.recipe.name
    changes.apply(to: &recipe)
    try setup.extensions.check(recipe)
    var changed = setup
    changed.recipe = recipe
    try changed.checkRecipe()
    if recipe != setup.recipe {
      let details = try JSONFile.differences(between: recipe, and: setup.recipe)
      log.note(
        "The recipe is that of the checkpoint; settings of \(setup.recipe.name) and of the "
          + "command line say now is not used: \(details.joined(separator: "; ")).")
    }
    if let old = state.threads, let new = setup.computingThreads, old != new {
      log.warn(
        "The training began with \(old) thread\(old == 1 ? "" : "s") and continues with \(new): sums are"
          + " made in another order, and the weights will not be those of an uninterrupted one.")
    }
    if state.precision != setup.precision {
      log.note(
        "The training was in \(state.precision.rawValue) and is now in "
          + "\(setup.precision.rawValue).")
    }
    setup.recipe = recipe
    setup.seed = state.seed
    validation?.setup = setup
  }

  private func describe(to log: some Reporter) {
    let stage = setup.stagePlan
    let threads = setup.threadsNote.map { "\n" + $0 } ?? ""
    let dice = setup.sumsDiceOverBatch ? "batch" : "sample"
    log.note(
      """
      ###############################################
      I am running the following nnUNet: \(setup.configuration.rawValue)
      My trainer is: \(setup.recipe.name)
      stage \(setup.stage) of the plans: patch \(sizeText(stage.patchSize)), \
      batch \(setup.batchSize), spacing \(NumberText.short(stage.spacing)) mm
      I am using \(dice) dice: the loss is \(setup.recipe.loss.description)
      I am using data from this folder: \(setup.preparedFolder.path)
      \(countText(setup.split.training.count, "training case")), \
      \(countText(setup.split.validation.count, "validation case")), fold folder \(setup.foldFolder.url.path)
      \(countText(setup.recipe.epochs, "epoch")) of \(setup.recipe.iterationsPerEpoch) + \
      \(setup.recipe.validationIterationsPerEpoch) batches, seed \(setup.seed), \
      \(setup.device) in \(setup.precision.rawValue)\(setup.ranks.description)\(threads)
      ###############################################
      """)
    let missing = Set((setup.recipe.regions ?? []).flatMap(\.labels))
      .filter { $0 >= setup.classCount }.sorted()
    if !missing.isEmpty {
      log.warn("The recipe's regions have labels that the task does not have: \(missing)")
    }
  }
}
