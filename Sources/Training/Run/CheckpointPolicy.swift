import Foundation
import HostSystem

/// Which checkpoints of a training are written, and when.
///
/// Of several processes the first one writes.
struct CheckpointPolicy {
  private let folder: FoldFolder
  private let isFirst: Bool
  private let keepsResults: Bool
  private let savesFinalAndBest: Bool
  private let epochsPerCheckpoint: Int

  init(_ setup: TrainingSetup) {
    folder = setup.foldFolder
    isFirst = setup.ranks.isFirst
    keepsResults = setup.recipe.keepsResults
    savesFinalAndBest = setup.recipe.savesFinalAndBest
    epochsPerCheckpoint = setup.recipe.epochsPerCheckpoint
  }

  /// Writes what is due after an epoch, before the next one starts.
  ///
  /// - Parameters:
  ///   - epochs: The number of epochs that are over.
  ///   - isBest: Whether the last one was the best so far.
  ///   - isFinished: Whether it was the last one of the training.
  ///   - log: Receives a note about the best checkpoint, and a warning if a file cannot be written.
  ///   - checkpoint: Makes the checkpoint; called only if one is due.
  /// - Throws: What `checkpoint` throws. A file that cannot be written is a warning.
  func finishEpoch(
    _ epochs: Int, isBest: Bool, isFinished: Bool, log: some Reporter,
    checkpoint: () throws -> TrainingCheckpoint
  ) throws {
    let isDue = epochs % epochsPerCheckpoint == 0 && !isFinished
    let savesBest = isBest && savesFinalAndBest
    guard isFirst, (savesBest || isDue) && keepsResults else { return }
    let checkpoint = try checkpoint()
    // If a checkpoint cannot be written, at most the work since the last one is lost, which still
    // exists; ending the training would certainly lose it.
    do {
      if isDue { try CheckpointRotation(folder: folder).write(checkpoint) }
      if savesBest {
        try checkpoint.write(to: folder.file(.best))
        log.note("saved the best checkpoint so far")
      }
    } catch let error as FileError {
      log.warn("\(error.message) The training continues; the previous checkpoint is kept.")
    }
  }

  /// Writes the final checkpoint and removes those that only served to continue.
  func finishTraining(checkpoint: () throws -> TrainingCheckpoint) throws {
    guard isFirst else { return }
    if savesFinalAndBest && keepsResults {
      try checkpoint().write(to: folder.file(.final))
      try syncFolder(at: folder.url)
    }
    CheckpointRotation(folder: folder).removeAll()
  }

  /// Writes a checkpoint between two batches.
  ///
  /// - Returns: Its file.
  func interrupt(checkpoint: () throws -> TrainingCheckpoint) throws -> URL {
    if isFirst { try CheckpointRotation(folder: folder).write(try checkpoint()) }
    return folder.file(.latest)
  }

  /// Writes a best checkpoint that an earlier process could not write before it was killed.
  ///
  /// The latest checkpoint gets its name before the best one. A process that is killed in between
  /// leaves a state that counts its epoch as the best, but an older file or none.
  ///
  /// - Parameters:
  ///   - best: The best epoch, counted from 0.
  ///   - isCurrent: Whether the state now is the one after that epoch.
  ///   - log: Told what was done.
  ///   - checkpoint: Makes the checkpoint of the state now.
  /// - Throws: `FileError` if the checkpoint cannot be written.
  func completeBest(
    epoch best: Int, isCurrent: Bool, log: some Reporter,
    checkpoint: () throws -> TrainingCheckpoint
  ) throws {
    guard isFirst, savesFinalAndBest, keepsResults else { return }
    let file = folder.file(.best)
    let found =
      fileExists(file) ? try? TrainingCheckpoint.state(ofCheckpoint: file).progress.epoch - 1 : nil
    guard found != best else { return }
    if isCurrent {
      try checkpoint().write(to: file)
      log.note(
        "saved the best checkpoint, which the previous run had not saved: epoch \(best)")
    } else {
      let there = found.map { "is that of epoch \($0)" } ?? "is missing or damaged"
      log.warn(
        "Epoch \(best) was the best so far, but \(file.lastPathComponent) \(there); it is replaced by"
          + " the next epoch that is better.")
    }
  }
}
