public import Foundation
public import HostSystem
import ModelExchange
import Plans

extension TrainedModel {
  /// Checks that folds that predict together were trained with the plans of the model.
  ///
  /// Images are prepared by the model's plans; a network that was trained with others would get what it
  /// has never seen, and nobody would notice.
  ///
  /// - Parameters:
  ///   - checkpoints: The checkpoints of the folds.
  ///   - acceptsDifferences: Whether differences are reported and accepted.
  ///   - reporter: Hears of differences, and of checkpoints that say nothing about their plans.
  /// - Throws: ``InferenceError/otherPlans(model:differences:)``.
  public func checkOrigins(
    of checkpoints: [URL], acceptsDifferences: Bool, reporter: any HostSystem.ProgressReporting
  ) throws {
    // What the Python programs trained has no fingerprints.
    let own = checkpoints.filter { $0.pathExtension == "safetensors" }
    var (differences, silent): ([OriginDifference], [String]) = ([], [])
    for checkpoint in own {
      let fold = checkpoint.deletingLastPathComponent()
      guard let origin = try OriginFingerprints(ofCheckpoint: checkpoint) else {
        silent.append(fold.lastPathComponent)
        continue
      }
      let place = folder.appending(path: Self.plansFile).path
      if let found = try OriginDifference.inPlans(origin, ofFold: fold, to: plans, in: place) {
        differences.append(found)
      }
    }
    if !silent.isEmpty {
      reporter.note(
        "\(silent.joined(separator: ", ")): the checkpoints are of a version that kept no fingerprint"
          + " of its plans; whether they belong to the model's plans cannot be checked")
    }
    guard !differences.isEmpty else { return }
    guard acceptsDifferences else {
      throw InferenceError.otherPlans(model: folder.path, differences: differences)
    }
    for difference in differences { reporter.warn(difference.text) }
  }
}
