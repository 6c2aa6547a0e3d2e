import Arrays
import HostSystem
package import Networks
package import Torch

/// An optimizer that keeps up to three tensors per parameter: Adam or Ranger.
package struct MomentOptimizer {
  package var rule: Rule
  private var moments: [Tensor?]
  private var steps = 0
  private let names: [String]

  /// How parameters are moved.
  package enum Rule: Hashable, Sendable {
    /// With PyTorch's order of operations.
    case adam(AdamOptions)
    /// With the order of operations of nnU-Net v1's `ranger.py`.
    case ranger(RangerOptions)

    var learningRate: Double {
      get {
        switch self {
        case .adam(let options): options.learningRate
        case .ranger(let options): options.learningRate
        }
      }
      set {
        switch self {
        case .adam(var options):
          options.learningRate = newValue
          self = .adam(options)
        case .ranger(var options):
          options.learningRate = newValue
          self = .ranger(options)
        }
      }
    }

    fileprivate var momentNames: [String] {
      switch self {
      case .adam: ["first", "second", "largest"]
      case .ranger: ["first", "second", "slow"]
      }
    }
  }

  private static let stepsName = "steps"

  /// Creates the optimizer for all parameters of a network.
  package init(rule: Rule, parameters: ParameterStore) {
    self.rule = rule
    names = parameters.names.flatMap { name in rule.momentNames.map { "\(name)/\($0)" } }
    moments = names.map { _ in nil }
  }

  /// Makes one step with the parameters' gradients.
  package mutating func step(_ parameters: ParameterStore) throws(TorchError) {
    steps += 1
    switch rule {
    case .adam(let options):
      try adamStep(parameters.tensors, moments: &moments, options: options, step: steps)
    case .ranger(let options):
      try rangerStep(parameters.tensors, moments: &moments, options: options, step: steps)
    }
  }

  /// The moments on the host, for checkpoints: `PARAMETER/first` and so on, and the steps.
  package func state() throws(TorchError) -> [NamedArray] {
    var result: [NamedArray] = []
    guard steps > 0 else { return result }
    for (name, tensor) in zip(names, moments) {
      if let tensor { result.append(NamedArray(name: name, array: try tensor.array())) }
    }
    // Two numbers of 12 bits, both exact in single precision.
    let parts = [Float(steps >> 12), Float(steps & 4095)]
    result.append(
      NamedArray(name: Self.stepsName, array: DenseArray(shape: [2], scalars: parts)))
    return result
  }

  /// Continues with the moments of a checkpoint.
  ///
  /// - Throws: `CheckpointError` if a name or a shape does not match.
  package mutating func restore(_ state: [NamedArray], parameters: ParameterStore) throws {
    for entry in state {
      if entry.name == Self.stepsName, entry.array.shape == [2] {
        // A value that is not a count was not written by this program.
        let parts = entry.array.scalars.map { Int(exactly: $0) ?? -1 }
        guard (0..<1 << 48).contains(parts[0]), (0..<4096).contains(parts[1]) else {
          throw CheckpointError.badStepCount(name: entry.name)
        }
        steps = (parts[0] << 12) + parts[1]
        continue
      }
      guard let index = names.firstIndex(of: entry.name) else {
        throw CheckpointError.surplusParameter(name: entry.name)
      }
      let parameter = parameters.tensors[index / 3]
      guard entry.array.shape == parameter.shape else {
        throw CheckpointError.shapeMismatch(
          name: entry.name, found: entry.array.shape, expected: parameter.shape)
      }
      moments[index] = try Tensor(entry.array).moved(to: parameters.device)
    }
  }
}
