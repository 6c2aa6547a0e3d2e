import Arrays
import Foundation
import HostSystem
import Imaging
import JSON
import Plans
import Preprocessing
import TestSupport
import Torch

@testable import Inference
@testable import Training

/// A task with images that are cropped, transposed and resampled for the network and back: a bright
/// ball (label 1) around a brighter one (label 2), in noise with a border of zeros.
struct ResampledTask {
  static let name = "Task901_Resampled"
  static let geometry = Geometry(spacing: [1.3, 0.8, 2], origin: [-20, 11, 5])
  private static let size = [16, 24, 20]

  let workspace: Workspace
  /// `CASE_0000.nii.gz` of all cases.
  let images: URL
  /// What a first network might have found, `CASE.nii.gz`.
  let previous: URL

  /// Writes images, labels, plans and prepared cases.
  ///
  /// - Parameters:
  ///   - stages: 2 for a cascade, whose low resolution has no cases.
  ///   - convention: What the plans follow.
  ///   - export: How the plans resample segmentations.
  /// - Throws: `FileError` if a file cannot be written.
  init(stages: Int, convention: ProcessingConvention, export: SegmentationExportParameters?) throws
  {
    let root = try temporaryFolder()
    workspace = Workspace(
      rawDataBase: root, preprocessed: root.appending(path: "preprocessed"),
      results: root.appending(path: "results"))
    images = root.appending(path: "images")
    previous = root.appending(path: "previous")
    let folder = try workspace.preprocessedTask(Self.name)
    let truth = folder.appending(path: "gt_segmentations")
    var plans = Self.plans(stages: stages)
    plans.convention = convention
    plans.exportParameters = export
    let store = PreparedStore(task: folder, plans: plans, stage: stages - 1)
    for url in [images, previous, truth, store.folder] { try makeFolder(at: url) }
    try JSONFile.write(
      plans,
      to: workspace.plansFile(
        task: Self.name, plans: "nnUNetPlansv2.1", configuration: .fullResolution))
    let preprocessor = try Preprocessor(plans: plans, stage: stages - 1)
    for number in 0..<Self.caseCount {
      let identifier = "ball_\(number)"
      let image = images.appending(path: "\(identifier)_0000.nii.gz")
      let label = truth.appending(path: "\(identifier).nii.gz")
      let scene = Self.scene(number)
      try NIfTIFile.write(Volume(voxels: scene.voxels, geometry: Self.geometry), to: image)
      for file in [label, previous.appending(path: label.lastPathComponent)] {
        try NIfTIFile.write(
          LabelVolume(labels: scene.labels, geometry: Self.geometry), to: file)
      }
      let prepared = try preprocessor.prepare(
        Cropping.crop(RawCaseReader.read(imageFiles: [image], labelFile: label)))
      try store.write(
        prepared, locations: ClassLocations(sampling: prepared.labels, classes: [1, 2]),
        identifier)
    }
  }

  /// A setup for a short training of fold 0 on the CPU.
  func setup(
    configuration: Plans.Configuration, change: (inout TrainingRecipe) -> Void
  ) throws -> TrainingSetup {
    var recipe = try TrainingRecipe.named("nnUNetTrainerV2")
    recipe.epochs = 2
    recipe.iterationsPerEpoch = 8
    recipe.validationIterationsPerEpoch = 1
    change(&recipe)
    let setup = try TrainingSetup(
      workspace: workspace, task: Self.name, configuration: configuration,
      plans: "nnUNetPlansv2.1", fold: .number(0), recipe: recipe, device: .cpu,
      precision: .float32, seed: 7, augmentationThreads: 2)
    if let store = setup.previous { try storePrevious(for: setup, in: store) }
    return setup
  }

  /// Gives training the masks that prediction makes from the first network's segmentations.
  private func storePrevious(for setup: TrainingSetup, in store: NextStageStore) throws {
    let preprocessor = try Preprocessor(plans: setup.plans, stage: setup.stage)
    let segmentations = PreviousSegmentations(
      folder: previous, labels: setup.plans.foregroundLabels)
    for identifier in setup.preparedCases {
      let image = images.appending(path: "\(identifier)_0000.nii.gz")
      let data = try segmentations.prepare(
        ImageCase(identifier: identifier, imageFiles: [image]), by: preprocessor
      ).data
      let (first, second) = (data.slice(1).scalars, data.slice(2).scalars)
      var labels = DenseArray<UInt8>(shape: Array(data.shape.dropFirst()), filledWith: 0)
      for voxel in first.indices {
        labels.scalars[voxel] = second[voxel] > 0 ? 2 : first[voxel] > 0 ? 1 : 0
      }
      try store.write(labels, identifier)
    }
  }

  private static let caseCount = 5

  private static func plans(stages: Int) -> ExperimentPlans {
    let names = (0..<caseCount).map { "ball_\($0)" }
    // Between their axes the image is thickest along its first axis, the network along its last.
    let stage = StagePlan(
      batchSize: 2, poolCounts: [1, 2, 2], patchSize: [8, 16, 12], medianSize: [16, 17, 14],
      spacing: [1.1, 1.6, 1.7], originalSpacing: [1.1, 1.6, 1.7], usesDummy2DAugmentation: false,
      poolStrides: [[2, 2, 2], [1, 2, 2]],
      convolutionKernels: Array(repeating: [3, 3, 3], count: 3))
    let fingerprint = DatasetFingerprint(
      sizes: names.map { _ in size }, spacings: names.map { _ in geometry.arraySpacing },
      foregroundLabels: [1, 2], channelNames: [0: "MRI"], intensities: nil,
      sizeReductions: Dictionary(uniqueKeysWithValues: names.map { ($0, 1) }))
    return ExperimentPlans(
      stages: Dictionary(
        uniqueKeysWithValues: (0..<stages).map { number in
          var stage = stage
          if number < stages - 1 { stage.spacing = stage.spacing.map { 2 * $0 } }
          return (number, stage)
        }), channelNames: [0: "MRI"], normalizationSchemes: [0: .zScore],
      fingerprint: fingerprint, baseFeatureCount: 4, usesMaskForNormalization: [0: false],
      transposeForward: [1, 0, 2], transposeBackward: [1, 0, 2],
      dataIdentifier: "nnUNetData_plans_v2.1", preprocessorName: "GenericPreprocessor",
      convolutionsPerStage: 2)
  }

  private static func scene(
    _ number: Int
  ) -> (voxels: DenseArray<Float>, labels: DenseArray<UInt8>) {
    var generator = StreamRandom(seed: 12, stream: UInt64(number))
    let spacing = geometry.arraySpacing
    let center = zip(size, spacing).map { Double($0) * $1 / 2 + generator.uniform(in: -1...1) }
    var voxels = DenseArray<Float>(shape: size, filledWith: 0)
    var labels = DenseArray<UInt8>(shape: size, filledWith: 0)
    for z in 1..<size[0] - 1 {
      for y in 2..<size[1] - 1 {
        for x in 1..<size[2] - 2 {
          let distance = zip(zip([z, y, x], spacing), center)
            .reduce(0) { $0 + pow(Double($1.0.0) * $1.0.1 - $1.1, 2) }.squareRoot()
          let label = distance < 3 ? 2 : distance < 6 ? 1 : 0
          labels[z, y, x] = UInt8(label)
          voxels[z, y, x] = Float(5 + 2 * Double(label) + generator.uniform(in: -0.5...0.5))
        }
      }
    }
    return (voxels, labels)
  }
}
