package import Torch

/// Weights the losses of all resolutions: half the weight with every level down, none for the last.
///
/// Source: nnU-Net v1, `nnUNetTrainerV2.initialize` and `MultipleOutputLoss2`.
package struct DeeplySupervisedLoss: Sendable, Hashable {
  /// One weight per resolution, highest first; they sum to one.
  package let weights: [Double]

  /// Computes the weights for a network with `levels` outputs.
  ///
  /// A network with one output keeps its weight. One with two outputs has the weights 1 and 0.
  ///
  /// - Parameters:
  ///   - levels: The number of the network's outputs.
  ///   - weighsDeepest: Whether the last output also counts, as with residual encoders.
  package init(levels: Int, weighsDeepest: Bool = false) {
    precondition(levels > 0)
    var weights = (0..<levels).map { 1 / Double(1 << $0) }
    if levels > 1 && !weighsDeepest { weights[levels - 1] = 0 }
    let sum = weights.reduce(0, +)
    self.weights = weights.map { $0 / sum }
  }

  /// Sums the weighted losses; levels without weight are not computed.
  ///
  /// - Parameters:
  ///   - loss: The loss of one output.
  ///   - outputs: Logits `(batch, classes, spatial…)`, highest resolution first.
  ///   - targets: Labels `(batch, spatial…)` at the same resolutions.
  /// - Returns: A differentiable scalar.
  /// - Throws: What `loss` throws.
  package func callAsFunction(
    _ loss: some SegmentationLoss, outputs: [Tensor], targets: [Tensor]
  ) throws(TorchError) -> Tensor {
    precondition(outputs.count == weights.count && targets.count >= outputs.count)
    var total: Tensor?
    for (level, weight) in weights.enumerated() where weight != 0 {
      let term = try loss(logits: outputs[level], labels: targets[level]) * weight
      total = if let sum = total { try sum + term } else { term }
    }
    guard let total else { preconditionFailure("the first weight is never zero") }
    return total
  }
}
