import Augmentation

extension AugmentationVariant {
  /// The augmentation for samples of a size.
  ///
  /// The parameters are those of `AugmentationRecipe.nnUNetV2(patchSize:usesDummy2D:…)`.
  func recipe(
    patchSize: [Int], usesDummy2D: Bool, channelsUsingMask: [Bool], mirrorAxes: [Int]?,
    regions: [[Int16]]?, previousLabels: [Int16]? = nil, cascade: CascadeRecipe = .init()
  ) -> AugmentationRecipe {
    guard self != .none else {
      return .validation(
        patchSize: patchSize, regions: regions, previousLabels: previousLabels)
    }
    var result = AugmentationRecipe.nnUNetV2(
      patchSize: patchSize, usesDummy2D: usesDummy2D, channelsUsingMask: channelsUsingMask,
      mirrorAxes: mirrorAxes, regions: regions, previousLabels: previousLabels)
    result.steps = result.steps.map { $0.changed(by: cascade) }
    switch self {
    case .independentScalePerAxis: result.spatial?.independentScaleProbability = 1
    case .da2: result.changeToDA2()
    case .da3: result.changeToDA3()
    case .da4: result.changeToDA4()
    case .insane: result.changeToInsane()
    case .mms: result.changeToMMS()
    case .first: result.changeToFirst()
    case .da5: result.changeToDA5()
    case .standard, .none: break
    }
    return result
  }
}

extension AugmentationStep {
  /// The step with a recipe's settings for the previous segmentation of a cascade.
  fileprivate func changed(by cascade: CascadeRecipe) -> AugmentationStep {
    switch transform {
    case var step as RandomMorphology:
      step.probability = cascade.morphologyProbability
      step.maskProbability = cascade.morphologyProbabilityPerLabel
      step.radius = 1...max(1, cascade.largestRadius)
      return .init(step)
    case var step as ComponentRemoval:
      step.probability = cascade.removalProbability
      step.largestCoverage = cascade.largestCoverage
      return .init(step)
    default: return self
    }
  }
}
