extension AugmentationRecipe {
  /// Changes the default to that of `nnUNetTrainerV2_DA5`: many transforms, each of them rare.
  ///
  /// Axes of equal extent are also exchanged and turned; axes of different extents are not.
  package mutating func changeToDA5() {
    let usesDummy2D = spatial?.transformsSlices ?? false
    spatial = .turning(
      patchSize: patchSize, usesDummy2D: usesDummy2D, degrees: 30, degreesOfLongImages: 180,
      smallestScale: 0.7)
    spatial?.rotationProbability = 0.4
    spatial?.angleProbability = 0.5
    spatial?.scale = 0.7...1.43
    spatial?.independentScaleProbability = 1
    replaceIntensities(by: turns + Self.intensitiesOfDA5(usesDummy2D: usesDummy2D))
    guard let mirroring = steps.firstIndex(where: \.isMirroring) else {
      preconditionFailure("the recipe does not mirror")
    }
    steps.insert(contentsOf: localChanges, at: mirroring + 1)
  }

  /// Exchanges of the axes with the most common extent.
  private var turns: [AugmentationStep] {
    let equals = patchSize.map { extent in patchSize.count { $0 == extent } }
    let commonest = equals.max() ?? 0
    guard commonest > 1 else { return [] }
    let axes = patchSize.indices.filter { equals[$0] == commonest }
    return [
      .quarterTurns(QuarterTurns(axes: axes)), .axisTransposition(AxisTransposition(axes: axes)),
    ]
  }

  private static func intensitiesOfDA5(usesDummy2D: Bool) -> [AugmentationStep] {
    // v1 inverts the image both times.
    let gamma = AugmentationStep.gamma(
      Gamma(probability: 0.1, exponent: 0.7...1.5, invertsImage: true))
    func contrast(preservingRange: Bool) -> AugmentationStep {
      .contrast(
        Contrast(
          probability: 0.2, channelProbability: 0.5, factor: 0.5...2,
          preservesRange: preservingRange))
    }
    return [
      .oneOf(
        OneOf([
          .medianFilter(MedianFilter()),
          .gaussianBlur(
            GaussianBlur(probability: 0.2, channelProbability: 0.5, sigma: 0.3...1.5)),
        ])),
      .gaussianNoise(GaussianNoise(probability: 0.1, standardDeviation: 0...0.1)),
      .brightnessAddition(
        BrightnessAddition(probability: 0.1, channelProbability: 0.5, standardDeviation: 0.5)),
      .oneOf(OneOf([contrast(preservingRange: true), contrast(preservingRange: false)])),
      .lowResolution(
        LowResolution(
          probability: 0.15, channelProbability: 0.5, zoom: 0.25...1,
          ignoredAxes: usesDummy2D ? [0] : [])),
      gamma, gamma,
    ]
  }

  private var localChanges: [AugmentationStep] {
    [
      .blankRectangles(BlankRectangles(patchSize: patchSize)),
      .brightnessGradient(BrightnessGradient(patchSize: patchSize)),
      .localGamma(LocalGamma(patchSize: patchSize)),
      .sharpening(Sharpening()),
    ]
  }
}
