/// Networks that packages add, by the names that recipes and model folders use.
public struct NetworkTable: Sendable {
  /// Makes a network.
  ///
  /// The network takes `inputChannels` and gives `outputChannels` at each of the resolutions that
  /// `poolStrides` describe, the highest first; of them, training uses as many as the recipe supervises.
  /// Its ``SegmentationNetwork/architecture`` is `.genericUNet` of the configuration that it was made with.
  public typealias Maker =
    @Sendable (UNetConfiguration, ParameterScope) throws -> any SegmentationNetwork

  private var makers: [String: Maker] = [:]

  /// Creates a table without networks.
  public init() {}

  /// The names of the networks, in alphabetical order.
  public var names: [String] { makers.keys.sorted() }

  /// Registers a network.
  public mutating func register(_ name: String, _ make: @escaping Maker) { makers[name] = make }

  /// Registers nnU-Net's plain U-Net with another block instead of ``ConvolutionBlock``.
  public mutating func register(_ name: String, block: any UNetBlock.Type) {
    makers[name] = { try GenericUNet($0, block: block, in: $1) }
  }

  /// Creates the parameters of the network that an architecture describes.
  ///
  /// - Throws: ``NetworkError/notRegistered(name:known:)``, or `TorchError`.
  func makeNetwork(
    _ architecture: NetworkArchitecture, in scope: ParameterScope
  ) throws -> any SegmentationNetwork {
    guard case .genericUNet(let configuration) = architecture,
      let name = configuration.registeredName
    else { return try architecture.makeNetwork(in: scope) }
    guard let make = makers[name] else {
      throw NetworkError.notRegistered(name: name, known: names)
    }
    return try make(configuration, scope)
  }
}

extension NetworkArchitecture {
  /// The name of the network of a package; nil for those of nnU-Net.
  package var registeredName: String? {
    guard case .genericUNet(let configuration) = self else { return nil }
    return configuration.registeredName
  }
}
