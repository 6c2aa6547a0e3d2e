import Foundation
import HostSystem
import Inference
import JSON
import Networks
import Plans
import Preprocessing
import TrainedModels

extension TrainingSetup {
  /// What the network's outputs mean.
  var labelScheme: LabelScheme {
    LabelScheme(regionsClassOrder: recipe.regions?.map(\.exportedAs))
  }

  /// The file of the model's plans, which prediction reads.
  var modelPlansFile: URL { modelFolder.appending(path: TrainedModel.plansFile) }

  /// The plans in the model's folder; nil if there are none or they differ from those of the
  /// training.
  ///
  /// The export of segmentations may have been changed in them.
  var modelPlans: ExperimentPlans? {
    guard fileExists(modelPlansFile),
      let old = try? JSONFile.read(ExperimentPlans.self, from: modelPlansFile),
      let fingerprint = try? plans.originFingerprint, (try? old.originFingerprint) == fingerprint
    else { return nil }
    return old
  }

  /// The rules of plans and recipe for predicting with the network, as `nnUNet_predict` reads them.
  ///
  /// - Throws: `InferenceError.unsupportedExport(plans:order:)`.
  func predictionRules() throws(InferenceError) -> PredictionRules {
    let own = modelPlans
    return try PredictionRules(
      plans: own ?? plans, stage: stagePlan, scheme: labelScheme,
      file: own == nil ? plansFile : modelPlansFile)
  }

  /// The pipeline that predicts whole cases with a network in training.
  func pipeline(
    _ network: TrainableNetwork, options: PredictionOptions
  ) throws -> PredictionPipeline {
    let rules = try predictionRules()
    return PredictionPipeline(
      [
        rules.tilePredictor(
          network.network, on: device, mirrorAxes: recipe.mirrorAxes, precision: precision,
          options: options)
      ], rules: rules, options: options)
  }
}

extension PredictionPipeline {
  /// The number of times that the networks process tiles of prepared cases, by identifier.
  func passes(of identifiers: [String], in store: PreparedStore) throws -> [String: Int] {
    var passes: [String: Int] = [:]
    for identifier in identifiers {
      // Not opened: that would unpack a compressed case.
      let properties = try store.properties(of: identifier)
      passes[identifier] = self.passes(
        forImageSize: properties.sizeAfterResampling ?? properties.sizeAfterCropping)
    }
    return passes
  }
}
