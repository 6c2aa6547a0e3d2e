import Plans

extension ExperimentPlans {
  /// The plans as the dictionary that v1 pickles.
  var pythonValue: PythonValue {
    var entries: [(String, PythonValue)] = [
      ("num_stages", .integer(stageCount)),
      ("num_modalities", .integer(channelCount)),
      ("modalities", .numbered(channelNames.mapValues { .string($0) })),
      (
        "normalization_schemes",
        .numbered(normalizationSchemes.mapValues { .string($0.rawValue) }, isOrdered: true)
      ),
      ("dataset_properties", fingerprint.pythonValue),
      ("list_of_npz_files", .list([])),
      ("original_spacings", .list(originalSpacings.map { .numberArray($0) })),
      ("original_sizes", .list(originalSizes.map { .tuple($0.map { .integer($0) }) })),
      ("preprocessed_data_folder", .string("")),
      ("num_classes", .integer(foregroundLabelCount)),
      ("all_classes", .list(foregroundLabels.map { .integer($0) })),
      ("base_num_features", .integer(baseFeatureCount)),
      (
        "use_mask_for_norm",
        .numbered(usesMaskForNormalization.mapValues { .boolean($0) }, isOrdered: true)
      ),
      ("keep_only_largest_region", .none), ("min_region_size_per_class", .none),
      ("min_size_per_class", .none),
      ("transpose_forward", .list(transposeForward.map { .integer($0) })),
      ("transpose_backward", .list(transposeBackward.map { .integer($0) })),
      ("data_identifier", .string(dataIdentifier)),
      ("plans_per_stage", .numbered(stages.mapValues(\.pythonValue))),
      ("preprocessor_name", .string(preprocessorName)),
    ]
    if let convolutionsPerStage {
      entries.append(("conv_per_stage", .integer(convolutionsPerStage)))
    }
    if let exportParameters {
      let forces: PythonValue = exportParameters.forcesSeparateZ.map { .boolean($0) } ?? .none
      entries.append(
        (
          "segmentation_export_params",
          .keyed([
            ("force_separate_z", forces),
            ("interpolation_order", .integer(exportParameters.interpolationOrder)),
            ("interpolation_order_z", .integer(exportParameters.interpolationOrderZ)),
          ])
        ))
    }
    return .keyed(entries)
  }
}

extension StagePlan {
  fileprivate var pythonValue: PythonValue {
    .keyed([
      ("batch_size", .integer(batchSize)),
      ("num_pool_per_axis", .list(poolCounts.map { .integer($0) })),
      ("patch_size", .integerArray(patchSize)),
      ("median_patient_size_in_voxels", .integerArray(medianSize)),
      ("current_spacing", .numberArray(spacing)),
      ("original_spacing", .numberArray(originalSpacing)),
      ("do_dummy_2D_data_aug", .boolean(usesDummy2DAugmentation)),
      ("pool_op_kernel_sizes", .list(poolStrides.map { .list($0.map { .integer($0) }) })),
      ("conv_kernel_sizes", .list(convolutionKernels.map { .list($0.map { .integer($0) }) })),
    ])
  }
}

extension DatasetFingerprint {
  fileprivate var pythonValue: PythonValue {
    .keyed([
      ("all_sizes", .list(sizes.map { .tuple($0.map { .integer($0) }) })),
      ("all_spacings", .list(spacings.map { .numberArray($0) })),
      ("all_classes", .list(foregroundLabels.map { .integer($0) })),
      ("modalities", .numbered(channelNames.mapValues { .string($0) })),
      (
        "intensityproperties",
        intensities.map { .numbered($0.mapValues(\.pythonValue)) } ?? .none
      ),
      (
        "size_reductions",
        .dictionary(
          sizeReductions.sorted { $0.key < $1.key }.map { (.string($0.key), .number($0.value)) },
          isOrdered: true)
      ),
    ])
  }
}

extension IntensityStatistics {
  fileprivate var pythonValue: PythonValue {
    var entries: [(String, PythonValue)] = [
      ("median", .number(median)), ("mean", .number(mean)), ("sd", .number(standardDeviation)),
      ("mn", .number(minimum)), ("mx", .number(maximum)),
      ("percentile_99_5", .number(percentile99p5)), ("percentile_00_5", .number(percentile0p5)),
    ]
    if let perCase {
      let cases = perCase.sorted { $0.key < $1.key }.map { ($0.key, $0.value.pythonValue) }
      entries.insert(("local_props", .keyed(cases)), at: 0)
    }
    return .keyed(entries)
  }
}
