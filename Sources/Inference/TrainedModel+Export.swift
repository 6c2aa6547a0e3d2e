import Foundation
import ModelExchange
import Plans
import Resampling

extension TrainedModel {
  /// How outputs are resampled to the image.
  ///
  /// - Throws: ``InferenceError/unsupportedExport(plans:order:)``, `ExchangeError`.
  func exportRule() throws -> ResamplingRule {
    if let v2 {
      return try v2.rule(
        v2.configuration.logitResampling, v2.configuration.logitArguments,
        standard: .probabilities, key: "resampling_fn_probabilities"
      ).rule
    }
    var rule = ResamplingRule.probabilities
    guard let parameters = plans.exportParameters else { return rule }
    for order in [parameters.interpolationOrder, parameters.interpolationOrderZ]
    where order != 0 && order != 1 {
      throw InferenceError.unsupportedExport(
        plans: folder.appending(path: TrainedModel.plansFile).path, order: order)
    }
    rule.order = parameters.interpolationOrder == 0 ? .nearest : .linear
    rule.orderAlongSeparateAxis = parameters.interpolationOrderZ == 0 ? .nearest : .linear
    rule.separatesThickAxis = parameters.forcesSeparateZ
    return rule
  }
}
