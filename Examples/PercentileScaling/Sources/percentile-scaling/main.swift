import NNUNet

var nnunet = NNUNetProgram()
nnunet.register(normalization: "percentiles") { scaleByPercentiles($0, $1) }

/// Scales all channels except those of computed tomography, whose units have a meaning.
let rule = PlannerAdaptation(name: "percentiles") { planner, dataset in
  for channel in dataset.channelNames.values where !NormalizationSchemeRule.isCT(channel) {
    planner.normalizationScheme.schemes[channel] = NormalizationScheme(rawValue: "percentiles")
  }
}
for base in [ExperimentPlanner.version21In2D, .version21In3D] {
  nnunet.register(
    planner: .variant(
      of: base, base.name + "_percentiles", plans: "nnUNetPlans_percentiles",
      data: base.dataIdentifier + "_percentiles"
    ) { $0.adaptation = rule })
}

nnunet.main()
