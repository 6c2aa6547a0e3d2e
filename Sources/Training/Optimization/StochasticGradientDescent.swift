import Arrays
package import Networks
package import Torch

/// Stochastic gradient descent with momentum over a network's parameters.
///
/// The momentum of a parameter starts with its first gradient, as in PyTorch; parameters that never
/// get one (the deepest segmentation head) are not changed, not even by weight decay.
package struct StochasticGradientDescent {
  package var options: SGDOptions
  private var momentum: [Tensor?]
  private let names: [String]

  /// Creates the optimizer for all parameters of a network.
  package init(options: SGDOptions, parameters: ParameterStore) {
    self.options = options
    names = parameters.names
    momentum = parameters.tensors.map { _ in nil }
  }

  /// Makes one step with the parameters' gradients.
  package mutating func step(_ parameters: ParameterStore) throws(TorchError) {
    try sgdStep(parameters.tensors, momentum: &momentum, options: options)
  }

  /// The momentum on the host, for checkpoints; with the names of the parameters.
  package func state() throws(TorchError) -> [NamedArray] {
    var result: [NamedArray] = []
    for (name, tensor) in zip(names, momentum) {
      if let tensor { result.append(NamedArray(name: name, array: try tensor.array())) }
    }
    return result
  }

  /// Continues with the momentum of a checkpoint.
  ///
  /// - Throws: `CheckpointError` if a name or a shape does not match.
  package mutating func restore(_ state: [NamedArray], parameters: ParameterStore) throws {
    for entry in state {
      guard let index = names.firstIndex(of: entry.name) else {
        throw CheckpointError.surplusParameter(name: entry.name)
      }
      let parameter = parameters.tensors[index]
      guard entry.array.shape == parameter.shape else {
        throw CheckpointError.shapeMismatch(
          name: entry.name, found: entry.array.shape, expected: parameter.shape)
      }
      momentum[index] = try Tensor(entry.array).moved(to: parameters.device)
    }
  }
}
