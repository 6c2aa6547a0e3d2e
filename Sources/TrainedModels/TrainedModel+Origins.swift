package import Foundation
package import HostSystem
import Plans

extension TrainedModel {
  /// Checks that folds that predict together were trained with the plans of the model.
  ///
  /// - Parameters:
  ///   - checkpoints: The checkpoints of the folds.
  ///   - acceptsDifferences: Whether differences are reported and accepted.
  ///   - reporter: Receives differences, and checkpoints that say nothing about their plans.
  /// - Throws: ``TrainedModelError/otherPlans(model:differences:)``.
  package func checkOrigins(
    of checkpoints: [URL], acceptsDifferences: Bool, reporter: any Reporter
  ) throws {
    let place = Self.plansFile(in: folder)
    var origins = FoldOrigins()
    for checkpoint in checkpoints {
      try origins.compare(checkpoint, to: plans, in: place.path)
    }
    try origins.conclude(
      about: folder, acceptsDifferences: acceptsDifferences, reporter: reporter
    ) { TrainedModelError.otherPlans(model: folder.path, differences: $0) }
  }
}
