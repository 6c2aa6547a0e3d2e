import Evaluation

/// The prediction of all validation cases after each epoch, and the condition for ending the
/// training.
///
/// Source: nnU-Net v1, `nnUNetTrainerV2_fullEvals`.
public struct WholeCaseEvaluation: Codable, Hashable, Sendable {
  /// The evaluated regions; the mean Dice of all replaces the online estimate.
  public var regions: [LabelRegion]
  /// The mean Dice that ends the training; nil to train all epochs.
  package var targetDice: Double?

  /// Creates an evaluation; without `targetDice` (0 to 1) all epochs are trained.
  public init(regions: [LabelRegion], targetDice: Double? = nil) {
    self.regions = regions
    self.targetDice = targetDice
  }

  /// Brain tumours, until 97 % of what v1's fully trained model reached.
  static let tumours = WholeCaseEvaluation(
    regions: LabelRegion.tumours, targetDice: 0.97 * (0.911 + 0.8739 + 0.7848) / 3)
}

extension LabelRegion {
  /// BraTS: the whole tumour, its core, and what enhances contrast.
  static let tumours = [
    LabelRegion(name: "whole tumor", labels: [1, 2, 3], exportedAs: 1),
    LabelRegion(name: "tumor core", labels: [2, 3], exportedAs: 2),
    LabelRegion(name: "enhancing tumor", labels: [3], exportedAs: 3),
  ]

  /// The region in the evaluation's form.
  var evaluated: EvaluatedRegion { EvaluatedRegion(name: name, labels: labels) }
}
