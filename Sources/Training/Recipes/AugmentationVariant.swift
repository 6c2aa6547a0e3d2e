import Augmentation

extension AugmentationVariant {
  /// The augmentation for samples of a size.
  ///
  /// The parameters are those of `AugmentationRecipe.nnUNetV2(patchSize:usesDummy2D:…)`.
  func recipe(
    patchSize: [Int], usesDummy2D: Bool, channelsUsingMask: [Bool], mirrorAxes: [Int]?,
    regions: [[Int16]]?
  ) -> AugmentationRecipe {
    guard self != .none else {
      return .validation(patchSize: patchSize, regions: regions)
    }
    var result = AugmentationRecipe.nnUNetV2(
      patchSize: patchSize, usesDummy2D: usesDummy2D, channelsUsingMask: channelsUsingMask,
      mirrorAxes: mirrorAxes, regions: regions)
    switch self {
    case .independentScalePerAxis: result.spatial?.independentScaleProbability = 1
    case .da2: result.changeToDA2()
    case .standard, .none, .da3, .da4, .da5, .insane, .first: break
    }
    return result
  }
}
