internal import CTorch
import HostSystem

/// How ``sgdStep(_:momentum:options:)`` moves parameters.
package struct SGDOptions: Hashable, Sendable {
  package var learningRate: Double
  package var momentum: Double
  package var weightDecay: Double
  package var usesNesterov: Bool

  package init(learningRate: Double, momentum: Double, weightDecay: Double, usesNesterov: Bool) {
    self.learningRate = learningRate
    self.momentum = momentum
    self.weightDecay = weightDecay
    self.usesNesterov = usesNesterov
  }
}

/// Makes one step of stochastic gradient descent, in place, on the parameters that have a gradient.
///
/// - Parameters:
///   - parameters: Tensors that accumulate gradients.
///   - momentum: One entry per parameter, nil before its first step; filled in here.
///   - options: Learning rate, momentum and weight decay.
/// - Throws: ``TorchError/outOfMemory(detail:)`` if there is too little memory for the momentum.
package func sgdStep(
  _ parameters: [Tensor], momentum: inout [Tensor?], options: SGDOptions
) throws(TorchError) {
  precondition(parameters.count == momentum.count)
  let table = try engine()
  var buffers = momentum.map { $0?.pointer }
  defer {
    for (index, buffer) in buffers.enumerated() where momentum[index] == nil {
      momentum[index] = buffer.map(Tensor.init(owning:))
    }
  }
  try check("sgdStep") { message in
    withPointers(parameters) { parameters in
      buffers.withUnsafeMutableBufferPointer { buffers in
        guard let first = buffers.baseAddress else { return CT_OK }
        return table.pointee.optimizer.sgdStep(
          parameters, first, Int32(buffers.count),
          CTSGDOptions(
            learningRate: options.learningRate, momentum: options.momentum,
            weightDecay: options.weightDecay, nesterov: options.usesNesterov), message)
      }
    }
  }
}

/// Scales the gradients so that their joint 2-norm is at most `limit`.
///
/// - Returns: The norm before.
package func clipGradients(
  of parameters: [Tensor], toNorm limit: Double
) throws(TorchError) -> Double {
  let table = try engine()
  var norm = 0.0
  try check("clipGradients") { message in
    withPointers(parameters) {
      table.pointee.optimizer.clipGradients($0, Int32(parameters.count), limit, &norm, message)
    }
  }
  return norm
}

/// Multiplies the gradients by a factor.
///
/// - Returns: Whether all of them are finite.
package func scaleGradients(
  of parameters: [Tensor], by factor: Double
) throws(TorchError) -> Bool {
  let table = try engine()
  var allFinite = false
  try check("scaleGradients") { message in
    withPointers(parameters) {
      table.pointee.optimizer.scaleGradients(
        $0, Int32(parameters.count), factor, &allFinite, message)
    }
  }
  return allFinite
}
