import HostSystem
package import Networks

extension V2Configuration {
  /// Makes the network that the configuration describes.
  ///
  /// - Parameters:
  ///   - inputs: The number of channels, including those of a previous configuration's labels.
  ///   - outputs: The number of outputs.
  ///   - path: The plans, for errors.
  /// - Returns: A network without `DynamicUNetConfiguration.problem`, whose strides divide the
  ///   patch.
  /// - Throws: ``ExchangeError/unsupportedNetwork(path:detail:)`` naming what is not known here.
  package func network(
    inputs: Int, outputs: Int, path: String
  ) throws(ExchangeError) -> DynamicUNetConfiguration {
    func unsupported(_ detail: String) -> ExchangeError {
      .unsupportedNetwork(path: path, detail: detail)
    }
    let network: DynamicUNetConfiguration
    if let architecture {
      network = try architecture.network(inputs: inputs, outputs: outputs, path: path)
    } else {
      network = try olderNetwork(inputs: inputs, outputs: outputs, path: path)
    }
    if let problem = network.problem { throw unsupported(problem) }
    guard let patchSize, patchSize.count == network.spatialRank else {
      throw unsupported("its patch and its kernels have different numbers of axes")
    }
    guard zip(patchSize, network.divisor).allSatisfy({ $0 > 0 && $0.isMultiple(of: $1) }) else {
      throw unsupported(
        "its patch \(patchSize) is not a multiple of its strides \(network.divisor)")
    }
    return network
  }

  /// The network of plans before nnU-Net 2.5.
  private func olderNetwork(
    inputs: Int, outputs: Int, path: String
  ) throws(ExchangeError) -> DynamicUNetConfiguration {
    guard let networkClass, let baseFeatures, let maximumFeatures, let encoderBlocks,
      let decoderConvolutions, let strides, let kernels, baseFeatures > 0
    else { throw .unsupportedNetwork(path: path, detail: "its plans describe no network") }
    let encoder = try V2Architecture.encoder(ofClass: networkClass, path: path)
    return DynamicUNetConfiguration(
      encoder: encoder, inputChannels: inputs, outputChannels: outputs,
      features: encoderBlocks.indices.map {
        $0 < 24 ? min(baseFeatures << $0, maximumFeatures) : maximumFeatures
      },
      kernels: kernels, strides: strides, encoderBlocks: encoderBlocks,
      decoderConvolutions: decoderConvolutions)
  }
}

extension V2Architecture {
  static func encoder(
    ofClass name: String, path: String
  ) throws(ExchangeError) -> DynamicUNetConfiguration.Encoder {
    switch name.parts(at: ".").last {
    case "PlainConvUNet": return .plain
    case "ResidualEncoderUNet": return .residual
    default:
      throw .unsupportedNetwork(
        path: path, detail: "\(name) is neither PlainConvUNet nor ResidualEncoderUNet")
    }
  }

  func network(
    inputs: Int, outputs: Int, path: String
  ) throws(ExchangeError) -> DynamicUNetConfiguration {
    let encoder = try Self.encoder(ofClass: className, path: path)
    let rank = arguments.convolution.ends(with: "2d") ? 2 : 3
    guard 2...16 ~= arguments.stages else {
      throw .unsupportedNetwork(path: path, detail: "it has \(arguments.stages) stages")
    }
    func perStage<Value>(
      _ values: OneOrMany<Value>?, _ key: String, count: Int
    ) throws(ExchangeError) -> [Value] {
      guard let result = values?.expanded(to: count) else {
        throw .unsupportedNetwork(
          path: path, detail: "\(key) does not have one value for each stage")
      }
      return result
    }
    func perAxis(
      _ values: OneOrMany<OneOrMany<Int>>, _ key: String
    ) throws(ExchangeError) -> [[Int]] {
      let stages = try perStage(values, key, count: arguments.stages)
      return stages.map { $0.isOne ? Array(repeating: $0.values[0], count: rank) : $0.values }
    }
    var network = DynamicUNetConfiguration(
      encoder: encoder, inputChannels: inputs, outputChannels: outputs,
      features: try perStage(arguments.features, "features_per_stage", count: arguments.stages),
      kernels: try perAxis(arguments.kernels, "kernel_sizes"),
      strides: try perAxis(arguments.strides, "strides"),
      encoderBlocks: try perStage(
        encoder == .plain ? arguments.convolutions : arguments.blocks,
        encoder == .plain ? "n_conv_per_stage" : "n_blocks_per_stage", count: arguments.stages),
      decoderConvolutions: try perStage(
        arguments.decoderConvolutions, "n_conv_per_stage_decoder", count: arguments.stages - 1))
    network.convolutionsHaveBias = arguments.hasBias ?? false
    try setLayers(of: &network, path: path)
    return network
  }

  private func setLayers(
    of network: inout DynamicUNetConfiguration, path: String
  ) throws(ExchangeError) {
    func unsupported(_ detail: String) -> ExchangeError {
      .unsupportedNetwork(path: path, detail: detail)
    }
    let hasOtherBlocks =
      arguments.block.map { !$0.ends(with: "BasicBlockD") } ?? false
      || arguments.bottleneck != nil || arguments.squeezesAndExcites == true
      || arguments.nonlinearityFirst == true
    guard !hasOtherBlocks else {
      throw unsupported("block, bottleneck_channels, squeeze_excitation or nonlin_first is set")
    }
    guard arguments.stemChannels.map({ $0 == network.features[0] }) ?? true else {
      throw unsupported("stem_channels differs from the first of features_per_stage")
    }
    let normalization = arguments.normalization?.parts(at: ".").last.map(String.init)
    switch normalization {
    case "InstanceNorm2d", "InstanceNorm3d":
      // PyTorch's default has no parameters.
      guard arguments.normalizationArguments?.affine == true else {
        throw unsupported("its instance normalization has no parameters (affine)")
      }
      network.normalization = .instance
    case "BatchNorm2d", "BatchNorm3d": network.normalization = .batch
    case nil: network.normalization = .none
    case let other?: throw unsupported("norm_op is \(other)")
    }
    network.normalizationEpsilon = arguments.normalizationArguments?.eps ?? 1e-5
    switch arguments.nonlinearity?.parts(at: ".").last.map(String.init) {
    case "LeakyReLU":
      network.nonlinearity = .leakyReLU(slope: arguments.nonlinearityArguments?.slope ?? 0.01)
    case "ReLU": network.nonlinearity = .relu
    case "GELU": network.nonlinearity = .gelu
    case "Mish": network.nonlinearity = .mish
    case let other: throw unsupported("nonlin is \(other ?? "missing")")
    }
  }
}
