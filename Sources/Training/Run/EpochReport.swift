import Foundation
import HostSystem

/// What the log says about an epoch, in the words of nnU-Net v1.
struct EpochReport {
  let log: any Reporter

  /// Says that an epoch begins.
  func begin(epoch: Int) { log.note("\nepoch:  \(epoch)") }

  /// Says what the epoch has found.
  ///
  /// - Parameters:
  ///   - progress: The state after the epoch.
  ///   - dice: The Dice of each foreground class in the validation batches.
  func results(_ progress: TrainingProgress, dice: [Double]) {
    log.note("train loss : \(Self.text(progress.trainingLosses.last ?? .nan, digits: 4))")
    log.note("validation loss: \(Self.text(progress.validationLosses.last ?? .nan, digits: 4))")
    let texts = dice.map { Self.text($0, digits: 4) }
    log.note("Average global foreground Dice: [\(texts.joined(separator: ", "))]")
    log.note(
      "(interpret this as an estimate for the Dice of the different classes. This is not exact.)")
  }

  /// Says the learning rate of the epoch that follows.
  func next(learningRate: Double) { log.note("lr: \(Self.text(learningRate, digits: 6))") }

  /// Says how long the epoch took, and how long the rest will.
  ///
  /// - Parameters:
  ///   - records: The epochs that this process has trained, the last one at the end.
  ///   - epochsLeft: How many are still to be trained.
  func end(_ records: [EpochRecord], epochsLeft: Int) {
    guard let record = records.last else { return }
    log.note(
      "This epoch took \(Self.secondsText(record.seconds))"
        + " (\(Self.secondsText(record.secondsWaited)) of it waiting for batches)")
    log.note(Self.timeLeft(after: records, epochsLeft: epochsLeft) + "\n")
  }

  /// `about 2 h 5 min left for 40 epochs`, if they take as long as the last five.
  private static func timeLeft(after records: [EpochRecord], epochsLeft: Int) -> String {
    let recent = records.suffix(5).map(\.seconds)
    guard !recent.isEmpty, epochsLeft > 0 else { return "no epochs left" }
    let seconds = recent.reduce(0, +) / Double(recent.count) * Double(epochsLeft)
    guard seconds > 0 else { return "no epochs left" }
    return "about \(durationText(seconds: seconds)) left for " + countText(epochsLeft, "epoch")
  }

  /// `31.09 s`; nothing below a millisecond.
  private static func secondsText(_ value: Double) -> String {
    NumberText.short((value * 1000).rounded() / 1000) + " s"
  }

  private static func text(_ value: Double, digits: Int) -> String {
    String(format: "%.\(digits)f", value)
  }
}
