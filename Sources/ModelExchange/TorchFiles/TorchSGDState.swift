import Arrays
import Networks

/// PyTorch's state of stochastic gradient descent: the momentum of each weight, and nnU-Net's
/// settings.
struct TorchSGDState {
  /// In the order of the optimizer; they are the first storages of the file.
  let weights: [NamedArray]
  /// The momentum of the weights that have one; these storages follow those of the weights.
  let momentum: [NamedArray]
  /// nnU-Net sets it again before it continues.
  let learningRate: Double

  /// Creates the state of `weights` and of the momentum with their names.
  init(weights: [NamedArray], momentum: [NamedArray], learningRate: Double = 0.01) {
    let names = Set(weights.map(\.name))
    self.weights = weights
    self.momentum = momentum.filter { names.contains($0.name) }
    self.learningRate = learningRate
  }

  /// All arrays of the file, in the order of its storages.
  var storages: [DenseArray<Float>] { weights.map(\.array) + momentum.map(\.array) }

  /// The optimizer's `state_dict`.
  var value: PythonValue {
    let positions = Dictionary(
      weights.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    var state: [Int: PythonValue] = [:]
    for (index, array) in momentum.enumerated() {
      guard let position = positions[array.name] else { continue }
      state[position] = .keyed([
        ("momentum_buffer", .tensor(storage: weights.count + index, shape: array.array.shape))
      ])
    }
    let group = PythonValue.keyed([
      ("lr", .number(learningRate)), ("momentum", .number(0.99)), ("dampening", .integer(0)),
      ("weight_decay", .number(3e-5)), ("nesterov", .boolean(true)),
      ("maximize", .boolean(false)), ("foreach", .none), ("differentiable", .boolean(false)),
      ("fused", .none), ("params", .list(weights.indices.map { .integer($0) })),
    ])
    return .keyed([("state", .numbered(state)), ("param_groups", .list([group]))])
  }
}
