internal import CTorch
import HostSystem

/// How ``rangerStep(_:moments:options:step:)`` moves parameters; the defaults are nnU-Net v1's.
package struct RangerOptions: Hashable, Sendable {
  package var learningRate: Double
  package var firstDecay = 0.95
  package var secondDecay = 0.999
  package var epsilon = 1e-5
  package var weightDecay: Double
  /// The length of the averages' memory above which the second moment is used.
  package var threshold = 5.0
  /// The number of steps between updates of the slow weights.
  package var slowInterval = 6
  /// How far the slow weights move towards the fast ones.
  package var slowShare = 0.5

  package init(learningRate: Double, weightDecay: Double) {
    self.learningRate = learningRate
    self.weightDecay = weightDecay
  }
}

/// Makes one step of Ranger (RAdam with lookahead), in place, on the parameters with a gradient.
///
/// - Parameters:
///   - parameters: Tensors that accumulate gradients.
///   - moments: Three entries per parameter (first moment, second moment, slow weights), nil before
///     the first step; filled in here.
///   - options: Learning rate, decays and so on.
///   - step: The number of the step, 1 being the first.
/// - Throws: ``TorchError/outOfMemory(detail:)`` if there is too little memory for the moments.
package func rangerStep(
  _ parameters: [Tensor], moments: inout [Tensor?], options: RangerOptions, step: Int
) throws(TorchError) {
  precondition(options.slowInterval > 0, "slow weights that never follow")
  let table = try engine()
  try updateMoments("rangerStep", of: parameters, &moments) { parameters, moments, count, message in
    table.pointee.optimizer.rangerStep(
      parameters, moments, count,
      CTRangerOptions(
        learningRate: options.learningRate, firstDecay: options.firstDecay,
        secondDecay: options.secondDecay, epsilon: options.epsilon,
        weightDecay: options.weightDecay, threshold: options.threshold,
        slowInterval: Int64(options.slowInterval), slowShare: options.slowShare,
        step: Int64(step)), message)
  }
}
