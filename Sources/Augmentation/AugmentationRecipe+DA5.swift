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
    steps.insert(contentsOf: localChanges, at: mirroringIndex + 1)
  }

  /// Exchanges of the axes with the most common extent.
  private var turns: [AugmentationStep] {
    let equals = patchSize.map { extent in patchSize.count { $0 == extent } }
    let commonest = equals.max() ?? 0
    guard commonest > 1 else { return [] }
    let axes = patchSize.indices.filter { equals[$0] == commonest }
    return [
      AugmentationStep(QuarterTurns(axes: axes)), AugmentationStep(AxisTransposition(axes: axes)),
    ]
  }

  private static func intensitiesOfDA5(usesDummy2D: Bool) -> [AugmentationStep] {
    // v1 inverts the image both times.
    let gamma = AugmentationStep(
      Gamma(probability: 0.1, exponent: 0.7...1.5, invertsImage: true))
    func contrast(preservingRange: Bool) -> AugmentationStep {
      AugmentationStep(
        Contrast(
          probability: 0.2, channelProbability: 0.5, factor: 0.5...2,
          preservesRange: preservingRange))
    }
    return [
      AugmentationStep(
        OneOf([
          AugmentationStep(MedianFilter()),
          AugmentationStep(
            GaussianBlur(probability: 0.2, channelProbability: 0.5, sigma: 0.3...1.5)),
        ])),
      AugmentationStep(GaussianNoise(probability: 0.1, standardDeviation: 0...0.1)),
      AugmentationStep(
        BrightnessAddition(probability: 0.1, channelProbability: 0.5, standardDeviation: 0.5)),
      AugmentationStep(OneOf([contrast(preservingRange: true), contrast(preservingRange: false)])),
      AugmentationStep(
        LowResolution(
          probability: 0.15, channelProbability: 0.5, zoom: 0.25...1,
          ignoredAxes: usesDummy2D ? [0] : [])),
      gamma, gamma,
    ]
  }

  private var localChanges: [AugmentationStep] {
    [
      AugmentationStep(BlankRectangles(patchSize: patchSize)),
      AugmentationStep(BrightnessGradient(patchSize: patchSize)),
      AugmentationStep(LocalGamma(patchSize: patchSize)),
      AugmentationStep(Sharpening()),
    ]
  }
}
