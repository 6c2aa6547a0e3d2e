import Arrays
import Foundation
import HostSystem
import Imaging
import JSON
import Plans
import Preprocessing
import TestSupport
import Torch

@testable import Training

/// A prepared task of a few small cases: a bright ball (label 1) in noise.
struct TinyTask {
  static let name = "Task900_Tiny"
  static let size = [12, 18, 14]

  let workspace: Workspace

  /// Writes prepared cases, labels and 3D plans of a network with two poolings.
  ///
  /// - Parameters:
  ///   - cases: The number of cases.
  ///   - stages: 2 for a cascade, whose low resolution has half the size.
  ///   - isResidual: Whether the plans are for a residual encoder.
  ///   - convention: What the plans follow.
  ///   - sliceDistance: In millimetres; with thick slices the low resolution keeps them all.
  /// - Throws: `FileError` if a file cannot be written.
  init(
    cases: Int = 6, stages: Int = 1, isResidual: Bool = false,
    convention: ProcessingConvention = .v1,
    sliceDistance: Double = 1
  ) throws {
    let root = try temporaryFolder()
    workspace = Workspace(
      rawDataBase: root, preprocessed: root.appending(path: "preprocessed"),
      results: root.appending(path: "results"))
    let folder = try workspace.preprocessedTask(Self.name)
    var plans = Self.plans(cases: cases, stages: stages, sliceDistance: sliceDistance)
    plans.convention = convention
    if isResidual {
      plans.stages[0]?.poolStrides.insert([1, 1, 1], at: 0)
      plans.stages[0]?.encoderBlockCounts = [1, 2, 3]
      plans.stages[0]?.decoderBlockCounts = [1, 1]
    }
    let store = PreparedStore(task: folder, plans: plans, stage: stages - 1)
    let low = PreparedStore(task: folder, plans: plans, stage: 0)
    for url in [store.folder, low.folder, folder.appending(path: "gt_segmentations")] {
      try makeFolder(at: url)
    }
    let file = try workspace.plansFile(
      task: Self.name, plans: "nnUNetPlansv2.1", configuration: .fullResolution)
    try JSONFile.write(plans, to: file)
    for number in 0..<cases {
      let identifier = "ball_\(number)"
      let prepared = Self.prepared(number, sliceDistance: sliceDistance)
      try store.write(
        prepared, locations: ClassLocations(sampling: prepared.labels, classes: [1]), identifier)
      if stages > 1 {
        let half = prepared.halved(keepingSlices: sliceDistance > 1)
        try low.write(
          half, locations: ClassLocations(sampling: half.labels, classes: [1]), identifier)
      }
      try NIfTIFile.write(
        LabelVolume(
          labels: prepared.labels.map { UInt8($0) },
          geometry: Geometry(spacing: [1, 1, sliceDistance])),
        to: folder.appending(path: "gt_segmentations/\(identifier).nii.gz"))
    }
  }

  /// A setup for short training on the CPU.
  func setup(
    epochs: Int = 3, epochsPerCheckpoint: Int = 1, seed: UInt64 = 7,
    configuration: Configuration = .fullResolution, fold: Int = 0,
    extensions: TrainingExtensions = TrainingExtensions(),
    change: (inout TrainingRecipe) -> Void = { _ in }
  ) throws -> TrainingSetup {
    var recipe = try TrainingRecipe.named("nnUNetTrainerV2")
    recipe.epochs = epochs
    recipe.iterationsPerEpoch = 3
    recipe.validationIterationsPerEpoch = 2
    recipe.epochsPerCheckpoint = epochsPerCheckpoint
    change(&recipe)
    return try TrainingSetup(
      workspace: workspace, task: Self.name, configuration: configuration,
      plans: "nnUNetPlansv2.1", fold: .number(fold), recipe: recipe, device: .cpu,
      precision: .float32, seed: seed, augmentationThreads: 2, extensions: extensions)
  }

  private static func plans(
    cases: Int, stages: Int, sliceDistance: Double
  ) -> ExperimentPlans {
    let spacing = [sliceDistance, 1, 1]
    let stage = StagePlan(
      batchSize: 2, poolCounts: [1, 2, 2], patchSize: [8, 16, 12], medianSize: size,
      spacing: spacing, originalSpacing: spacing, usesDummy2DAugmentation: false,
      poolStrides: [[2, 2, 2], [1, 2, 2]],
      convolutionKernels: Array(repeating: [3, 3, 3], count: 3))
    let names = (0..<cases).map { "ball_\($0)" }
    let fingerprint = DatasetFingerprint(
      sizes: names.map { _ in size }, spacings: names.map { _ in spacing }, foregroundLabels: [1],
      channelNames: [0: "MRI"], intensities: nil,
      sizeReductions: Dictionary(uniqueKeysWithValues: names.map { ($0, 1) }))
    return ExperimentPlans(
      stages: Dictionary(
        uniqueKeysWithValues: (0..<stages).map { number in
          var copy = stage
          if number < stages - 1 {
            copy.spacing = [max(2, sliceDistance), 2, 2]
            copy.medianSize = size.enumerated().map { axis, extent in
              axis == 0 && sliceDistance > 1 ? extent : extent / 2
            }
          }
          return (number, copy)
        }), channelNames: [0: "MRI"], normalizationSchemes: [0: .zScore],
      fingerprint: fingerprint, baseFeatureCount: 4, usesMaskForNormalization: [0: false],
      transposeForward: [0, 1, 2], transposeBackward: [0, 1, 2],
      dataIdentifier: "nnUNetData_plans_v2.1", preprocessorName: "GenericPreprocessor",
      convolutionsPerStage: 2)
  }

  private static func prepared(_ number: Int, sliceDistance: Double) -> PreparedCase {
    var generator = StreamRandom(seed: 11, stream: UInt64(number))
    let center = size.map { Double($0) / 2 + generator.uniform(in: -1...1) }
    var data = DenseArray<Float>(shape: [1] + size, filledWith: 0)
    var labels = DenseArray<Int16>(shape: size, filledWith: 0)
    for z in 0..<size[0] {
      for y in 0..<size[1] {
        for x in 0..<size[2] {
          let distance = zip([z, y, x], center)
            .reduce(0) { $0 + (Double($1.0) - $1.1) * (Double($1.0) - $1.1) }
          let isInside = distance < 16
          labels[z, y, x] = isInside ? 1 : 0
          data[0, z, y, x] = Float((isInside ? 2 : 0) + generator.uniform(in: -0.5...0.5))
        }
      }
    }
    var properties = CaseProperties(
      originalSize: size, originalSpacing: [sliceDistance, 1, 1],
      imageFiles: ["ball_\(number)_0000.nii.gz"],
      labelFile: "ball_\(number).nii.gz", itkOrigin: [0, 0, 0], itkSpacing: [1, 1, sliceDistance],
      itkDirection: [1, 0, 0, 0, 1, 0, 0, 0, 1], cropBox: size.map { [0, $0] }, labels: [0, 1],
      sizeAfterCropping: size)
    properties.sizeAfterResampling = size
    properties.spacingAfterResampling = [sliceDistance, 1, 1]
    return PreparedCase(data: data, labels: labels, properties: properties)
  }
}

extension PreparedCase {
  /// Every second voxel along each axis, or within each slice.
  func halved(keepingSlices: Bool = false) -> PreparedCase {
    let step = keepingSlices ? 1 : 2
    let half = [labels.shape[0] / step] + labels.shape.dropFirst().map { $0 / 2 }
    var data = DenseArray<Float>(shape: [1] + half, filledWith: 0)
    var labels = DenseArray<Int16>(shape: half, filledWith: 0)
    for z in 0..<half[0] {
      for y in 0..<half[1] {
        for x in 0..<half[2] {
          data[0, z, y, x] = self.data[0, step * z, 2 * y, 2 * x]
          labels[z, y, x] = self.labels[step * z, 2 * y, 2 * x]
        }
      }
    }
    var properties = properties
    properties.sizeAfterResampling = half
    properties.spacingAfterResampling = [keepingSlices ? properties.originalSpacing[0] : 2, 2, 2]
    return PreparedCase(data: data, labels: labels, properties: properties)
  }
}
