import Inference
package import Networks
import Plans
import Preprocessing
import Resampling

extension ModelDescription {
  /// Creates the description of a model's networks, which are exported together.
  ///
  /// - Parameters:
  ///   - model: The model.
  ///   - architecture: The architecture of all networks.
  ///   - mirrorAxes: The spatial axes that may be mirrored, 0 being the first; nil for all.
  ///   - networks: The names of the exported files.
  ///   - postprocessing: The name of the exported file; nil for none.
  /// - Throws: `PreprocessingError` or `ExchangeError` for plans that this program does not
  ///   support.
  package init(
    of model: TrainedModel, architecture: NetworkArchitecture, mirrorAxes: [Int]?,
    networks: [String], postprocessing: String?
  ) throws {
    self.networks = networks
    self.architecture = architecture
    preprocessing = try Preparation(of: model)
    let rank = architecture.spatialRank
    let areRegions = model.scheme.regionsClassOrder != nil
    let convention = model.convention
    inference = Inference(
      steps: [
        rank == 2 ? "take slices along the first axis" : "take the volume",
        "pad with zeros to the patch, evenly, the odd voxel at the end",
        "place tiles at equal distances of at most step × patch, rounded to even",
        "average the outputs of a tile and of its copies mirrored along each choice of the mirror axes",
        "average tiles by their weights, then the networks; remove the padding",
      ],
      patchSize: model.stagePlan.patchSize, largestWeight: convention.tileWeights.largest,
      weightType: convention.tileWeights.typeName, mirrorAxes: mirrorAxes ?? Array(0..<rank),
      averaged: convention.averaged.rawValue,
      activation: areRegions ? "sigmoid" : "softmax")
    export = try Export(of: model, postprocessing: postprocessing)
  }
}

extension ModelDescription.Preparation {
  fileprivate init(of model: TrainedModel) throws {
    let preprocessor = try model.preprocessor()
    orderOfSteps =
      switch preprocessor.steps {
      case .normalizeThenResample: ["normalize", "transpose", "resample"]
      case .resampleThenNormalize: ["transpose", "resample", "normalize"]
      }
    steps =
      [
        "read all channels as 32-bit floats, z, y, x",
        "crop to the box of voxels that are not 0 in some channel; the mask has these voxels and the "
          + "holes between them",
      ] + orderOfSteps
    channels = model.plans.channelNames
    normalization = model.channelNormalization(by: preprocessor)
    transposeForward = model.plans.transposeForward
    spacing = model.stagePlan.spacing.enumerated().map { axis, spacing in
      switch preprocessor.rule.keeps {
      case .none: spacing
      case .first: axis == 0 ? nil : spacing
      case .firstWhereUndefined: spacing.isNaN ? nil : spacing
      case .all: nil
      }
    }
    resampling = ModelDescription.Resampling(
      preprocessor.rule.images, separateAxisBy: ["image", "network"])
    previousLabels = model.configuration == .cascade ? model.plans.foregroundLabels : []
  }
}

extension ModelDescription.Export {
  fileprivate init(of model: TrainedModel, postprocessing: String?) throws {
    let regions = model.scheme.regionsClassOrder
    let rules = try model.predictionRules()
    steps =
      ["resample each output to the cropped size"]
      + (regions == nil
        ? ["take the label of the largest output, the first of equal ones"]
        : ["write the labels of the regions in their order where above the threshold"])
      + [
        "transpose", "fill the cropped border with 0",
        "postprocess: of each group of labels, keep the largest components (joined by faces)",
      ]
    resampling = ModelDescription.Resampling(
      rules.resampling, separateAxisBy: rules.convention.spacingSources.map(\.rawValue))
    transposeBackward = model.plans.transposeBackward
    labels = regions ?? [0] + model.plans.foregroundLabels
    areRegions = regions != nil
    regionThreshold = Double(rules.convention.regionThreshold)
    self.postprocessing = postprocessing
  }
}
