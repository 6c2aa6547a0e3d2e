package import Foundation
package import HostSystem
package import Networks
package import Plans
package import Resampling
package import Torch

/// What a model's plans and labels determine about predicting with its networks, independent of the
/// caller.
package struct PredictionRules: Hashable, Sendable {
  /// The networks' patch, voxels: three axes, or two (y, x) for 2D networks.
  package var patchSize: [Int]
  /// What the networks' outputs mean.
  package var scheme: LabelScheme
  /// Axis `a` of the image is axis `transposeBackward[a]` of the prepared case.
  package var transposeBackward: [Int]
  /// How outputs are resampled to the image.
  package var resampling: ResamplingRule
  /// The features of the networks' first stage, for the estimate of memory.
  package var baseFeatures: Int
  /// How outputs are averaged, weighted and exported.
  package var convention: InferenceConvention
  /// How the names of segmentations end, which tells their format.
  package var fileEnding = FileEnding.standard

  /// Creates the rules from plans.
  ///
  /// - Parameters:
  ///   - plans: The plans.
  ///   - stage: The stage of the networks.
  ///   - scheme: What the networks' outputs mean.
  ///   - file: The file of the plans, for errors.
  /// - Throws: ``InferenceError/unsupportedExport(plans:order:)``.
  package init(
    plans: ExperimentPlans, stage: StagePlan, scheme: LabelScheme, file: URL
  ) throws(InferenceError) {
    patchSize = stage.patchSize
    self.scheme = scheme
    transposeBackward = plans.transposeBackward
    resampling = try ResamplingRule(exportOf: plans, file: file)
    baseFeatures = plans.baseFeatureCount
    convention = InferenceConvention(plans.convention)
    fileEnding = plans.fileEnding
  }

  /// Wraps a network as a predictor of tiles by these rules.
  ///
  /// - Parameters:
  ///   - network: The network; its parameters are on `device`.
  ///   - device: Where tiles are predicted.
  ///   - mirrorAxes: The spatial axes that may be mirrored, 0 being the first; nil for all.
  ///   - precision: What the network was trained in, or is to be computed in.
  ///   - options: Say whether tiles are mirrored.
  /// - Returns: The predictor, which computes in `Precision.forPrediction(axes:)`.
  package func tilePredictor(
    _ network: any SegmentationNetwork, on device: Device, mirrorAxes: [Int]?,
    precision: Precision, options: PredictionOptions
  ) -> NetworkTilePredictor {
    NetworkTilePredictor(
      network, device: device, mirrorAxes: options.mirrors ? mirrorAxes : [],
      precision: precision.forPrediction(axes: patchSize.count).scalarType, scheme: scheme,
      averaged: convention.averaged)
  }

  /// The predictor that slides networks over an image.
  ///
  /// - Parameters:
  ///   - options: How tiles are placed.
  ///   - scratchFolder: The folder for sums that take too much memory; nil to keep all in memory.
  /// - Returns: The predictor, with the patch size and the tile weights of these rules.
  func volumePredictor(
    _ options: PredictionOptions, scratchFolder: URL? = nil
  ) -> VolumePredictor {
    var predictor = VolumePredictor(
      patchSize: patchSize, stepSize: options.stepSize, usesGaussian: options.usesGaussian,
      tilesPerBatch: options.tilesPerBatch)
    predictor.tileWeights = convention.tileWeights
    predictor.memoryForSums = options.memoryForSums
    predictor.scratchFolder = scratchFolder
    return predictor
  }

  /// The export that transforms outputs back to an image.
  func export(_ options: PredictionOptions) -> SegmentationExport {
    var export = SegmentationExport(
      transposeBackward: transposeBackward, threads: options.exportThreads, scheme: scheme,
      mode: options.mode, rule: resampling)
    export.convention = convention
    return export
  }
}

extension ResamplingRule {
  /// How outputs are resampled to an image according to plans: `segmentation_export_params`, or the
  /// usual way.
  fileprivate init(exportOf plans: ExperimentPlans, file: URL) throws(InferenceError) {
    self = .probabilities
    guard let parameters = plans.exportParameters else { return }
    for order in [parameters.interpolationOrder, parameters.interpolationOrderZ]
    where order != 0 && order != 1 {
      throw .unsupportedExport(plans: file.path, order: order)
    }
    order = parameters.interpolationOrder == 0 ? .nearest : .linear
    orderAlongSeparateAxis = parameters.interpolationOrderZ == 0 ? .nearest : .linear
    separatesThickAxis = parameters.forcesSeparateZ
  }
}
