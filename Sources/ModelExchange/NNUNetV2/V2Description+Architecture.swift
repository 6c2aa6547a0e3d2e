import Networks

extension V2Description {
  /// A network in the form of v2's plans, with the Python names of its layers.
  func architecture(of network: DynamicUNetConfiguration) -> PythonValue {
    let name = network.encoder == .plain ? "PlainConvUNet" : "ResidualEncoderUNet"
    return .keyed([
      ("network_class_name", .string("dynamic_network_architectures.architectures.unet.\(name)")),
      ("arch_kwargs", .keyed(shape(of: network) + layers(of: network))),
      (
        "_kw_requires_import",
        .list(["conv_op", "norm_op", "dropout_op", "nonlin"].map { .string($0) })
      ),
    ])
  }

  /// The values of each stage.
  private func shape(of network: DynamicUNetConfiguration) -> [(String, PythonValue)] {
    func numbers(_ values: [Int]) -> PythonValue { .list(values.map { .integer($0) }) }
    let blocks = network.encoder == .plain ? "n_conv_per_stage" : "n_blocks_per_stage"
    return [
      ("n_stages", .integer(network.features.count)),
      ("features_per_stage", numbers(network.features)),
      ("kernel_sizes", .list(network.kernels.map(numbers))),
      ("strides", .list(network.strides.map(numbers))),
      (blocks, numbers(network.encoderBlocks)),
      ("n_conv_per_stage_decoder", numbers(network.decoderConvolutions)),
    ]
  }

  /// The values of all stages.
  private func layers(of network: DynamicUNetConfiguration) -> [(String, PythonValue)] {
    let axes = network.spatialRank
    let (nonlinearity, arguments) = value(of: network.nonlinearity)
    let epsilon = PythonValue.number(network.normalizationEpsilon)
    return [
      ("conv_op", .string("torch.nn.modules.conv.Conv\(axes)d")),
      ("conv_bias", .boolean(network.convolutionsHaveBias)),
      ("norm_op", .string("torch.nn.modules.instancenorm.InstanceNorm\(axes)d")),
      ("norm_op_kwargs", .keyed([("eps", epsilon), ("affine", .boolean(true))])),
      ("dropout_op", .none), ("dropout_op_kwargs", .none),
      ("nonlin", .string("torch.nn.\(nonlinearity)")), ("nonlin_kwargs", .keyed(arguments)),
    ]
  }

  private func value(
    of nonlinearity: Nonlinearity
  ) -> (name: String, arguments: [(String, PythonValue)]) {
    let inPlace = ("inplace", PythonValue.boolean(true))
    return switch nonlinearity {
    case .leakyReLU(0.01): ("LeakyReLU", [inPlace])
    case .leakyReLU(let slope): ("LeakyReLU", [("negative_slope", .number(slope)), inPlace])
    case .relu: ("ReLU", [inPlace])
    case .gelu: ("GELU", [])
    case .mish: ("Mish", [inPlace])
    }
  }
}
