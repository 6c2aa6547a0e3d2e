public import Torch

/// How far logits are from labels, as a differentiable scalar.
public protocol SegmentationLoss: Sendable {
  /// Computes the loss of one resolution.
  ///
  /// - Parameters:
  ///   - logits: `(batch, classes, spatial…)`, float32.
  ///   - labels: `(batch, spatial…)`, int64, below the number of classes.
  func callAsFunction(logits: Tensor, labels: Tensor) throws(TorchError) -> Tensor
}

/// Soft Dice plus cross entropy: nnU-Net's loss.
public struct DiceAndCrossEntropy: SegmentationLoss {
  public var dice: SoftDice

  /// - Parameter dice: How the Dice term is computed.
  public init(dice: SoftDice) { self.dice = dice }

  public func callAsFunction(logits: Tensor, labels: Tensor) throws(TorchError) -> Tensor {
    try dice(logits: logits, labels: labels) + crossEntropy(logits: logits, labels: labels)
  }
}
