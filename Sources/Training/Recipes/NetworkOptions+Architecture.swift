import Networks
import Plans

extension NetworkOptions {
  /// Whether the network is one of nnU-Net v2's.
  var isOfV2: Bool {
    switch architecture {
    case .plain, .residual: false
    case .plainConvUNet, .residualEncoderUNet: true
    }
  }

  /// The network of the plans with these options.
  func architecture(
    plans: ExperimentPlans, stage: StagePlan, inputChannels: Int, outputChannels: Int
  ) -> NetworkArchitecture {
    guard isOfV2 else {
      var network = apply(to: UNetConfiguration(plans: plans, stage: stage))
      (network.inputChannels, network.outputChannels) = (inputChannels, outputChannels)
      return .genericUNet(network)
    }
    var network = DynamicUNetConfiguration(
      architecture == .plainConvUNet ? .plain : .residual, plans: plans, stage: stage,
      inputChannels: inputChannels, outputChannels: outputChannels)
    network.nonlinearity = nonlinearity
    return .dynamicUNet(network)
  }

  /// The function between convolutions.
  var nonlinearity: Nonlinearity {
    switch activation {
    case .leakyReLU: .leakyReLU(slope: negativeSlope)
    case .relu: .relu
    case .gelu: .gelu
    case .mish: .mish
    }
  }

  /// A changed option that networks of v2 do not have; nil if there is none.
  var optionUnknownToV2: String? {
    var plain = NetworkOptions()
    (plain.architecture, plain.activation) = (architecture, activation)
    plain.negativeSlope = negativeSlope
    guard isOfV2, self != plain else { return nil }
    if registered != nil { return "registered" }
    if normalization != .instance { return "normalization" }
    if activatesFirst { return "activatesFirst" }
    if headsHaveBias { return "headsHaveBias" }
    if startsAsIdentity { return "startsAsIdentity" }
    if usesFullKernels { return "usesFullKernels" }
    return convolutionsPerStage == nil ? "baseFeatures" : "convolutionsPerStage"
  }
}
