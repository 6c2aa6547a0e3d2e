import Foundation
public import Plans
public import Torch

/// The kind of network with all its numbers; checkpoints store it.
public enum NetworkArchitecture: Codable, Hashable, Sendable {
  /// nnU-Net v1's `Generic_UNet`, or `FabiansUNet` if there are residual blocks.
  case genericUNet(UNetConfiguration)
  /// nnU-Net v2's `PlainConvUNet` or `ResidualEncoderUNet`.
  case dynamicUNet(DynamicUNetConfiguration)

  /// The network that plans describe for one of their stages, unless a recipe requests another.
  public init(plans: ExperimentPlans, stage: StagePlan) {
    self = .genericUNet(UNetConfiguration(plans: plans, stage: stage))
  }

  /// Creates the network's parameters in `scope`.
  package func makeNetwork(
    in scope: ParameterScope
  ) throws(TorchError) -> any SegmentationNetwork {
    switch self {
    case .genericUNet(let configuration):
      configuration.residualBlocks == nil
        ? try GenericUNet(configuration, in: scope) as any SegmentationNetwork
        : try ResidualUNet(configuration, in: scope)
    case .dynamicUNet(let configuration): try DynamicUNet(configuration, in: scope)
    }
  }
}

/// The properties of a network without its weights.
extension NetworkArchitecture {
  package var inputChannels: Int {
    switch self {
    case .genericUNet(let configuration): configuration.inputChannels
    case .dynamicUNet(let configuration): configuration.inputChannels
    }
  }

  /// The number of outputs; this includes the background unless outputs are regions.
  package var outputChannels: Int {
    switch self {
    case .genericUNet(let configuration): configuration.outputChannels
    case .dynamicUNet(let configuration): configuration.outputChannels
    }
  }

  /// The number of feature maps of the first stage, at full resolution.
  package var firstFeatures: Int {
    switch self {
    case .genericUNet(let configuration): configuration.baseFeatures
    case .dynamicUNet(let configuration): configuration.features.first ?? 0
    }
  }

  /// The number of spatial axes, 2 or 3.
  package var spatialRank: Int {
    switch self {
    case .genericUNet(let configuration): configuration.spatialRank
    case .dynamicUNet(let configuration): configuration.spatialRank
    }
  }

  /// Sizes of inputs must be divisible by this, per axis.
  public var divisor: [Int] {
    switch self {
    case .genericUNet(let configuration): configuration.divisor
    case .dynamicUNet(let configuration): configuration.divisor
    }
  }

  /// Why the network cannot be built, in words; nil for a valid one.
  package var problem: String? {
    switch self {
    case .genericUNet(let configuration): configuration.problem
    case .dynamicUNet(let configuration): configuration.problem
    }
  }

  /// The number of outputs that training sees, from the highest resolution down.
  package var outputLevels: Int {
    switch self {
    case .genericUNet(let configuration):
      configuration.usesDeepSupervision ? configuration.poolStrides.count : 1
    case .dynamicUNet(let configuration): configuration.decoderConvolutions.count
    }
  }
}

/// A network that gives logits for the classes of every voxel.
///
/// Networks with batch normalization use, and update, the statistics of the batch while gradients
/// are recorded; without gradients they use their running averages.
public protocol SegmentationNetwork {
  /// The description that the network was built from.
  var architecture: NetworkArchitecture { get }

  /// Computes logits from `(b, channels, spatial…)`.
  ///
  /// - Returns: `(b, classes, spatial…)` per supervised resolution, highest first.
  /// - Throws: `TorchError.invalidArgument` if a spatial extent is not a multiple of the
  ///   architecture's divisor.
  func callAsFunction(_ input: Tensor) throws(TorchError) -> [Tensor]

  /// Computes the logits of the highest resolution only.
  func fullResolutionLogits(_ input: Tensor) throws(TorchError) -> Tensor
}

/// How checkpoints store their network: JSON in the file's metadata.
extension NetworkArchitecture {
  /// The metadata key.
  package static let metadataKey = "architecture"

  /// The architecture as JSON.
  public func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    return String(decoding: try encoder.encode(self), as: UTF8.self)
  }

  /// The architecture stored in a checkpoint, or nil if there is none.
  ///
  /// - Throws: `CheckpointError.notSafetensors(path:reason:)` if the entry cannot be read.
  public init?(of file: SafetensorsFile, at path: String) throws {
    guard let text = file.metadata[Self.metadataKey] else { return nil }
    do {
      self = try JSONDecoder().decode(Self.self, from: Data(text.utf8))
    } catch {
      throw CheckpointError.notSafetensors(
        path: path, reason: "its entry \"\(Self.metadataKey)\" does not describe a known network")
    }
  }
}
