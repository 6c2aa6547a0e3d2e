public import Arrays
package import Torch

/// A network together with its named parameters on one device.
package struct TrainableNetwork {
  package let network: any SegmentationNetwork
  package let parameters: ParameterStore

  /// Builds a network with fresh weights.
  ///
  /// - Parameters:
  ///   - architecture: The network to build.
  ///   - seed: The weights depend only on it.
  ///   - device: Where the network computes.
  ///   - table: Networks that packages added.
  /// - Throws: ``NetworkError/notRegistered(name:known:)``, or `TorchError`.
  package init(
    _ architecture: NetworkArchitecture, seed: UInt64, on device: Device,
    table: NetworkTable = NetworkTable()
  ) throws {
    parameters = ParameterStore(seed: seed, device: device)
    network = try table.makeNetwork(architecture, in: ParameterScope(store: parameters))
  }

  /// Builds a plain U-Net with fresh weights.
  package init(
    _ configuration: UNetConfiguration, seed: UInt64, on device: Device,
    table: NetworkTable = NetworkTable()
  ) throws {
    try self.init(.genericUNet(configuration), seed: seed, on: device, table: table)
  }

  /// Parameters and buffers on the host, by name, in checkpoint order.
  package func weights() throws(TorchError) -> [NamedArray] {
    var result: [NamedArray] = []
    for (name, tensor) in parameters.state {
      result.append(NamedArray(name: name, array: try tensor.array()))
    }
    return result
  }

  /// Replaces all parameters and buffers.
  ///
  /// - Throws: ``CheckpointError`` naming the first parameter that is missing, surplus, or has
  ///   another shape.
  package func load(_ weights: [NamedArray]) throws {
    let known = Dictionary(weights.map { ($0.name, $0.array) }) { first, _ in first }
    let expected = Set(parameters.state.map(\.name))
    if let surplus = weights.first(where: { !expected.contains($0.name) }) {
      throw CheckpointError.surplusParameter(name: surplus.name)
    }
    for (name, tensor) in parameters.state {
      guard let array = known[name] else { throw CheckpointError.missingParameter(name: name) }
      guard array.shape == tensor.shape else {
        throw CheckpointError.shapeMismatch(
          name: name, found: array.shape, expected: tensor.shape)
      }
      try tensor.assign(Tensor(array))
    }
  }
}

/// An array under a name, as in checkpoints.
public struct NamedArray: Sendable, Equatable {
  /// The parameter's name in checkpoints, such as `conv_blocks_context.0.blocks.0.conv.weight`.
  public var name: String
  /// The values, in the parameter's shape.
  public var array: DenseArray<Float>

  /// Creates an array of this name.
  public init(name: String, array: DenseArray<Float>) {
    self.name = name
    self.array = array
  }
}
