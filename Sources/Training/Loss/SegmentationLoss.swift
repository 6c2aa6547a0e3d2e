public import Torch

/// The distance between logits and labels, as a differentiable scalar.
public protocol SegmentationLoss: Sendable {
  /// Computes the loss of one resolution.
  ///
  /// - Parameters:
  ///   - logits: `(batch, classes, spatial…)`, float32.
  ///   - labels: `(batch, spatial…)`, int64, below the number of classes; for networks with regions
  ///     masks `(batch, regions, spatial…)`, 0 or 1.
  /// - Returns: A scalar, from which gradients are computed.
  /// - Throws: What the tensors' operations throw.
  func callAsFunction(logits: Tensor, labels: Tensor) throws(TorchError) -> Tensor

  /// Whether it is one value for the whole batch of all devices rather than a mean over the given
  /// samples.
  var isOfWholeBatch: Bool { get }
}

extension SegmentationLoss {
  /// False: the mean over the samples, unless a loss says otherwise.
  public var isOfWholeBatch: Bool { false }
}

/// Soft Dice plus cross entropy: nnU-Net's loss.
package struct DiceAndCrossEntropy: SegmentationLoss {
  package var dice: SoftDice

  /// - Parameter dice: The computation of the Dice term.
  package init(dice: SoftDice) { self.dice = dice }

  package func callAsFunction(logits: Tensor, labels: Tensor) throws(TorchError) -> Tensor {
    try dice(logits: logits, labels: labels) + crossEntropy(logits: logits, labels: labels)
  }
}
