internal import CTorch
import HostSystem

/// How ``adamStep(_:moments:options:step:)`` moves parameters; the defaults are PyTorch's.
package struct AdamOptions: Hashable, Sendable {
  package var learningRate: Double
  package var firstDecay = 0.9
  package var secondDecay = 0.999
  package var epsilon = 1e-8
  package var weightDecay: Double
  /// Whether the largest second moment so far is used (AMSGrad).
  package var keepsLargest: Bool

  package init(learningRate: Double, weightDecay: Double, keepsLargest: Bool) {
    self.learningRate = learningRate
    self.weightDecay = weightDecay
    self.keepsLargest = keepsLargest
  }
}

/// Makes one step of Adam, in place, on the parameters that have a gradient.
///
/// - Parameters:
///   - parameters: Tensors that accumulate gradients.
///   - moments: Three entries per parameter (first, second, largest second moment), nil before the
///     first step; filled in here.
///   - options: Learning rate, decays and so on.
///   - step: The number of the step, 1 being the first.
/// - Throws: ``TorchError/outOfMemory(detail:)`` if there is too little memory for the moments.
package func adamStep(
  _ parameters: [Tensor], moments: inout [Tensor?], options: AdamOptions, step: Int
) throws(TorchError) {
  let table = try engine()
  try updateMoments("adamStep", of: parameters, &moments) { parameters, moments, count, message in
    table.pointee.optimizer.adamStep(
      parameters, moments, count,
      CTAdamOptions(
        learningRate: options.learningRate, firstDecay: options.firstDecay,
        secondDecay: options.secondDecay, epsilon: options.epsilon,
        weightDecay: options.weightDecay, keepsLargest: options.keepsLargest,
        step: Int64(step)), message)
  }
}
