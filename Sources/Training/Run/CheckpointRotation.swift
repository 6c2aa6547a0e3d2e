import Foundation
import HostSystem

/// Keeps the last two resumable checkpoints of a fold.
///
/// The new one is written and synced as `model_pending` first; only when it is complete, the latest
/// becomes the previous one and the new one the latest. Whenever the process or the machine dies,
/// there is a complete checkpoint.
struct CheckpointRotation {
  let folder: FoldFolder

  /// Writes a checkpoint and deletes the one before the last.
  func write(_ checkpoint: TrainingCheckpoint) throws {
    let (pending, latest) = (folder.file(.pending), folder.file(.latest))
    try checkpoint.write(to: pending)
    if folder.exists(.latest) { try move(latest, to: folder.file(.previous)) }
    try move(pending, to: latest)
    try syncFolder(at: folder.url)
  }

  /// Deletes all resumable checkpoints, after the final one was written.
  func removeAll() {
    for checkpoint in [FoldFolder.Checkpoint.pending, .previous, .latest] {
      try? FileManager.default.removeItem(at: folder.file(checkpoint))
    }
  }

  private func move(_ source: URL, to destination: URL) throws(FileError) {
    guard rename(source.path, destination.path) == 0 else {
      throw .cannotWrite(path: destination.path, reason: systemReason())
    }
  }
}

extension FoldFolder {
  /// The newest complete checkpoint; a warning for each that is not.
  ///
  /// - Throws: ``TrainingError/noCheckpoint(folder:)``, or the problem with the only one.
  func newestCheckpoint(
    reportingTo log: some Reporter
  ) throws -> (url: URL, checkpoint: TrainingCheckpoint) {
    var failure: (any Error)?
    var newest: (url: URL, checkpoint: TrainingCheckpoint)?
    for kind in Checkpoint.allCases where exists(kind) {
      let candidate = file(kind)
      do {
        let checkpoint = try TrainingCheckpoint(contentsOf: candidate)
        if newest.map({ checkpoint.state.isAhead(of: $0.checkpoint.state) }) ?? true {
          newest = (candidate, checkpoint)
        }
      } catch {
        failure = error
        log.warn("\(explanation(of: error)) Looking for another checkpoint.")
      }
    }
    guard let newest else { throw failure ?? TrainingError.noCheckpoint(folder: url.path) }
    return newest
  }
}

extension TrainingCheckpoint.State {
  /// Whether it was saved later in the training.
  func isAhead(of other: Self) -> Bool {
    (progress.epoch, partialEpoch?.batches ?? 0)
      > (other.progress.epoch, other.partialEpoch?.batches ?? 0)
  }
}
