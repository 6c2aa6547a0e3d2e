import Foundation
import HostSystem
import Inference

extension TrainingRun {
  /// Whether the last epoch is over, or the target Dice is reached.
  var isFinished: Bool {
    if progress.epoch >= setup.recipe.epochs { return true }
    guard let target = setup.recipe.wholeCaseEvaluation?.targetDice,
      let dice = progress.foregroundDice.last ?? nil
    else { return false }
    return dice >= target
  }

  /// Predicts the validation cases after an epoch, without mirroring; nil if the recipe does not.
  ///
  /// Source: nnU-Net v1, `nnUNetTrainerV2_fullEvals.on_epoch_end`.
  ///
  /// - Returns: The Dice of each region.
  func evaluateWholeCases(
    log: some Reporter
  ) throws -> [Double]? {
    guard let evaluation = setup.recipe.wholeCaseEvaluation else { return nil }
    var validation = FinalValidation(setup: setup, threads: setup.augmentationThreads)
    validation.folderName = String(format: "validation_after_ep_%04d", progress.epoch)
    validation.options.mirrors = false
    validation.regions = evaluation.regions
    let dice = try validation.run(network, reportingTo: log)
    if let target = evaluation.targetDice {
      let text = String(
        format: "%.4f, the training ends at %.4f", OnlineEvaluation.mean(dice), target)
      log.note("mean Dice of whole cases: \(text)")
    }
    return dice
  }
}
