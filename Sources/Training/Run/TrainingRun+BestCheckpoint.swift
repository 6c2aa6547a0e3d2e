import Foundation
import HostSystem

extension TrainingRun {
  /// Writes a best checkpoint that an earlier process could not write before it was killed.
  ///
  /// The latest checkpoint gets its name before the best one. A process that is killed in between
  /// leaves a state that counts its epoch as the best, but an older file or none.
  func completeBestCheckpoint(reportingTo log: some Reporter) throws {
    guard setup.ranks.isFirst, setup.recipe.savesFinalAndBest, setup.recipe.keepsResults,
      !isFinished, let best = progress.bestEpoch
    else { return }
    let file = setup.foldFolder.file(.best)
    let found =
      fileExists(file) ? try? TrainingCheckpoint.state(ofCheckpoint: file).progress.epoch - 1 : nil
    guard found != best else { return }
    if best == progress.epoch - 1, partialEpoch == nil {
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
