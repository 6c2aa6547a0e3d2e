import Foundation
import HostSystem
public import Torch

/// A place in the tree of parameter names: `scope / "conv"` goes one level down.
///
/// Layers request parameters from their scope; the scope names, initializes and stores them. The
/// order of the requests is the order of checkpoints and of the optimizer.
public struct ParameterScope {
  private let path: [String]
  private let store: ParameterStore

  /// The root of a new network's parameters.
  public init(store: ParameterStore) {
    self.init(path: [], store: store)
  }

  private init(path: [String], store: ParameterStore) {
    self.path = path
    self.store = store
  }

  /// The scope `name` inside this one.
  public static func / (scope: ParameterScope, name: String) -> ParameterScope {
    ParameterScope(path: scope.path + [name], store: scope.store)
  }

  /// The scope of element `index` of a list.
  public static func / (scope: ParameterScope, index: Int) -> ParameterScope {
    scope / String(index)
  }

  /// Makes the parameter `name` in this scope.
  public func parameter(
    _ name: String, shape: [Int], _ initialization: Initialization
  ) throws(TorchError) -> Tensor {
    try store.makeParameter(
      named: fullName(name), shape: shape, initialization)
  }

  /// Makes the buffer `name`: state that no optimizer changes, such as running averages.
  public func buffer(
    _ name: String, shape: [Int], _ initialization: Initialization
  ) throws(TorchError) -> Tensor {
    try store.makeBuffer(named: fullName(name), shape: shape, initialization)
  }

  private func fullName(_ name: String) -> String { (path + [name]).joined(separator: ".") }
}

/// The initial value of a parameter.
public enum Initialization: Hashable, Sendable {
  /// All 0, as biases start.
  case zeros
  /// All 1, the initial scales of normalizations.
  case ones
  /// Normally distributed so that variances survive a leaky ReLU (He et al., 2015).
  ///
  /// The fan-in is `shape[1]` times the kernel's volume, as PyTorch computes it; for transposed
  /// convolutions that is the number of output channels.
  case kaimingNormal(negativeSlope: Double)
}

/// The parameters and buffers of one network, by name and in order.
public final class ParameterStore {
  /// Parameter names, in the order of creation.
  public private(set) var names: [String] = []
  /// The parameters, in the same order.
  public private(set) var tensors: [Tensor] = []
  /// Parameters and buffers together, in the order of creation, as in checkpoints.
  public private(set) var state: [(name: String, tensor: Tensor)] = []
  /// The buffers, in the order of creation.
  public private(set) var buffers: [Tensor] = []
  /// Where the parameters and buffers are.
  public let device: Device
  private let seed: UInt64
  private var stateNames: Set<String> = []

  /// Creates an empty store.
  ///
  /// - Parameters:
  ///   - seed: Initial weights depend only on this and on each parameter's position.
  ///   - device: Where the parameters are.
  public init(seed: UInt64, device: Device) {
    self.seed = seed
    self.device = device
  }

  /// The total number of elements of all parameters.
  public var elementCount: Int { tensors.reduce(0) { $0 + $1.count } }

  fileprivate func makeParameter(
    named name: String, shape: [Int], _ initialization: Initialization
  ) throws(TorchError) -> Tensor {
    let position = names.count
    let tensor = try initialTensor(shape: shape, initialization, position: position)
      .moved(to: device)
    try tensor.setRequiresGradient(true)
    remember(tensor, as: name)
    names.append(name)
    tensors.append(tensor)
    return tensor
  }

  fileprivate func makeBuffer(
    named name: String, shape: [Int], _ initialization: Initialization
  ) throws(TorchError) -> Tensor {
    let tensor = try initialTensor(shape: shape, initialization, position: 0).moved(to: device)
    remember(tensor, as: name)
    buffers.append(tensor)
    return tensor
  }

  private func remember(_ tensor: Tensor, as name: String) {
    precondition(stateNames.insert(name).inserted, "\(name) is made twice")
    state.append((name, tensor))
  }

  private func initialTensor(
    shape: [Int], _ initialization: Initialization, position: Int
  ) throws(TorchError) -> Tensor {
    switch initialization {
    case .zeros: return try Tensor(shape: shape, filledWith: 0)
    case .ones: return try Tensor(shape: shape, filledWith: 1)
    case .kaimingNormal(let slope):
      let fanIn = Double(shape.dropFirst().trustedProduct)
      let deviation = (2 / (1 + slope * slope) / fanIn).squareRoot()
      // Distinct streams per position: odd multiples of a large odd number do not collide.
      let stream = seed &+ UInt64(position) &* 0x9E37_79B9_7F4A_7C15
      return try Tensor(normalWithShape: shape, standardDeviation: deviation, seed: stream)
    }
  }
}
