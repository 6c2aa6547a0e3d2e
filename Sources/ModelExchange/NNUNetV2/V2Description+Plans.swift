import Arrays
import HostSystem
import Networks
import Plans

extension V2Description {
  /// The content of `plans.json`: the model's configuration, or, if plans have two stages, all
  /// three of a cascade, because v2 looks for them in the plans of each.
  var plansValue: PythonValue {
    let order = plans.transposeForward
    func medians(_ values: [[Double]]) -> [Double] {
      order.map { axis in values.isEmpty ? 1 : median(values.map { $0[axis] }) }
    }
    let sizes = plans.fingerprint.sizes.map { $0.map(Double.init) }
    return .keyed([
      ("dataset_name", .string(dataset)), ("plans_name", .string(plansName)),
      (
        "original_median_spacing_after_transp",
        .list(medians(plans.fingerprint.spacings).map { .number($0) })
      ),
      (
        "original_median_shape_after_transp",
        .list(medians(sizes).map { .integer(Int(trusted: $0.rounded())) })
      ),
      ("image_reader_writer", .string(readerWriter)),
      ("transpose_forward", .list(order.map { .integer($0) })),
      ("transpose_backward", .list(plans.transposeBackward.map { .integer($0) })),
      ("configurations", .keyed(configurations)),
      ("experiment_planner_used", .string("ExperimentPlanner")),
      ("label_manager", .string("LabelManager")),
      ("foreground_intensity_properties_per_channel", intensities),
    ])
  }

  private var configurations: [(String, PythonValue)] {
    guard let low = plans.stages[0], let full = plans.stages[1] else {
      return [(configuration.rawValue, .keyed(value(of: stage, as: configuration)))]
    }
    let cascade = PythonValue.string(Configuration.cascade.rawValue)
    return [
      (
        Configuration.lowResolution.rawValue,
        .keyed(value(of: low, as: .lowResolution) + [("next_stage", cascade)])
      ),
      (Configuration.fullResolution.rawValue, .keyed(value(of: full, as: .fullResolution))),
      (
        Configuration.cascade.rawValue,
        .keyed([
          ("inherits_from", .string(Configuration.fullResolution.rawValue)),
          ("previous_stage", .string(Configuration.lowResolution.rawValue)),
        ])
      ),
    ]
  }

  private func value(
    of stage: StagePlan, as name: Configuration
  ) -> [(String, PythonValue)] {
    let isOwn = stage == self.stage
    let axes = stage.patchSize.count
    let channels = 0..<plans.channelCount
    let schemes = channels.compactMap {
      Self.schemeNames[plans.normalizationSchemes[$0] ?? .zScore]
    }
    let masks = channels.map { plans.usesMaskForNormalization[$0] ?? false }
    let head: [(String, PythonValue)] = [
      ("data_identifier", .string("\(plansName)_\(name.rawValue)")),
      ("preprocessor_name", .string(plans.preprocessorName)),
      ("batch_size", .integer(stage.batchSize)),
      ("patch_size", .list(stage.patchSize.map { .integer($0) })),
      (
        "median_image_size_in_voxels",
        .list(stage.medianSize.suffix(axes).map { .number(Double($0)) })
      ),
      ("spacing", .list(stage.spacing.suffix(axes).map { .number($0) })),
      ("normalization_schemes", .list(schemes.map { .string($0) })),
      ("use_mask_for_norm", .list(masks.map { .boolean($0) })),
    ]
    return head + Self.resampling("data", isSegmentation: false, order: 3)
      + Self.resampling("seg", isSegmentation: true, order: 1)
      + Self.resampling("probabilities", isSegmentation: false, order: 1)
      + [
        ("architecture", architecture(of: isOwn ? network : network(of: stage))),
        ("batch_dice", .boolean(isOwn ? sumsDiceOverBatch : name == .fullResolution)),
      ]
  }

  /// The network that this model's trainer would build for another stage.
  private func network(of stage: StagePlan) -> DynamicUNetConfiguration {
    var result = DynamicUNetConfiguration(
      network.encoder, plans: plans, stage: stage, inputChannels: plans.channelCount,
      outputChannels: network.outputChannels)
    result.nonlinearity = network.nonlinearity
    return result
  }

  private static func resampling(
    _ what: String, isSegmentation: Bool, order: Int
  ) -> [(String, PythonValue)] {
    [
      ("resampling_fn_\(what)", .string("resample_data_or_seg_to_shape")),
      (
        "resampling_fn_\(what)_kwargs",
        .keyed([
          ("is_seg", .boolean(isSegmentation)), ("order", .integer(order)),
          ("order_z", .integer(0)), ("force_separate_z", .none),
        ])
      ),
    ]
  }

  /// The names of schemes in v2, which has no `CT2`.
  static let schemeNames: [NormalizationScheme: String] = [
    .ct: "CTNormalization", .zScore: "ZScoreNormalization", .none: "NoNormalization",
  ]
}
