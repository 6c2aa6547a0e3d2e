import Arrays
public import Networks
public import Torch

/// Adam over a network's parameters, with PyTorch's order of operations.
public struct AdamOptimizer {
  public var options: AdamOptions
  private var moments: [Tensor?]
  private var steps = 0
  private let names: [String]

  private static let stepsName = "steps"
  private static let momentNames = ["first", "second", "largest"]

  /// Creates the optimizer for all parameters of a network.
  public init(options: AdamOptions, parameters: ParameterStore) {
    self.options = options
    names = parameters.names.flatMap { name in Self.momentNames.map { "\(name)/\($0)" } }
    moments = names.map { _ in nil }
  }

  /// Makes one step with the gradients that the parameters hold.
  public mutating func step(_ parameters: ParameterStore) throws(TorchError) {
    steps += 1
    try adamStep(parameters.tensors, moments: &moments, options: options, step: steps)
  }

  /// The moments on the host, for checkpoints: `PARAMETER/first` and so on, and the steps.
  public func state() throws(TorchError) -> [NamedArray] {
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
  /// - Throws: ``CheckpointError`` if a name or a shape does not fit.
  public mutating func restore(_ state: [NamedArray], parameters: ParameterStore) throws {
    for entry in state {
      if entry.name == Self.stepsName, entry.array.shape == [2] {
        steps = (Int(entry.array.scalars[0]) << 12) + Int(entry.array.scalars[1])
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
