extension AugmentationRecipe {
  /// Changes the default to that of `nnUNetTrainerV2_DA3`: larger changes of everything.
  package mutating func changeToDA3() {
    changeStrongly(degrees: 30, elasticProbability: 0.3, brightnessOfChannel: 1)
  }

  /// Changes the default to that of the BraTS trainers with `_DA4`: rotations by up to 90°.
  package mutating func changeToDA4() {
    changeStrongly(degrees: 90, elasticProbability: 0.2, brightnessOfChannel: 0.5)
  }

  /// What DA3 and DA4 share; the last argument is the probability that a channel of a chosen image
  /// is brightened.
  private mutating func changeStrongly(
    degrees: Double, elasticProbability: Double, brightnessOfChannel: Double
  ) {
    spatial = .turning(
      patchSize: patchSize, usesDummy2D: spatial?.transformsSlices ?? false, degrees: degrees,
      degreesOfLongImages: 180, smallestScale: 0.7)
    spatial?.rotationProbability = 0.3
    spatial?.scaleProbability = 0.3
    spatial?.scale = 0.65...1.6
    spatial?.independentScaleProbability = 0.3
    spatial?.elasticProbability = elasticProbability
    spatial?.elastic = .partOfPatch(width: 0...0.25)
    changeIntensities(
      exponent: 0.5...1.6,
      brightness: BrightnessAddition(
        probability: 0.3, channelProbability: brightnessOfChannel, standardDeviation: 0.2))
  }

  /// Changes the default to that of `nnUNetTrainerV2_insaneDA`.
  package mutating func changeToInsane() {
    spatial = .turning(
      patchSize: patchSize, usesDummy2D: spatial?.transformsSlices ?? false, degrees: 30,
      degreesOfLongImages: 180, smallestScale: 0.85)
    spatial?.scale = 0.65...1.6
    spatial?.elasticProbability = 0.2
    spatial?.elastic = .scaledNoise(factor: 0...1300, sigma: 9...15)
    changeIntensities(exponent: 0.6...2, brightness: nil)
  }

  /// Changes the default to that of `nnUNetTrainerV2_MMS`, made for hearts of many scanners.
  package mutating func changeToMMS() {
    changeToInsane()
    spatial?.rotationProbability = 0.7
    spatial?.scaleProbability = 0.3
    spatial?.independentScaleProbability = 0.3
    spatial?.elasticProbability = 0.1
    spatial?.elastic = .scaledNoise(factor: 0...300, sigma: 9...15)
    changeIntensities(
      exponent: 0.5...1.6,
      brightness: BrightnessAddition(
        probability: 0.3, channelProbability: 1, standardDeviation: 0.2))
  }

  /// Changes the default to that of `nnUNetTrainer`, v1's first trainer.
  ///
  /// Only elastic deformation, rotation, scaling, gamma and mirroring.
  package mutating func changeToFirst() {
    let isFlat = patchSize.count == 2 || spatial?.transformsSlices == true
    spatial = .turning(
      patchSize: patchSize, usesDummy2D: spatial?.transformsSlices ?? false, degrees: 15,
      degreesOfLongImages: 15, smallestScale: 0.85)
    spatial?.scale = 0.85...1.25
    spatial?.elasticProbability = 0.2
    spatial?.elastic = .scaledNoise(factor: 0...(isFlat ? 200 : 900), sigma: 9...13)
    replaceIntensities(by: [
      AugmentationStep(Gamma(probability: 0.3, exponent: 0.7...1.5, invertsImage: false))
    ])
  }

  /// The intensity transforms of `get_insaneDA_augmentation` and `get_insaneDA_augmentation2`.
  private mutating func changeIntensities(
    exponent: ClosedRange<Double>, brightness: BrightnessAddition?
  ) {
    replaceIntensities(
      by: [
        AugmentationStep(GaussianNoise(probability: 0.15, standardDeviation: 0...0.1)),
        AugmentationStep(GaussianBlur(probability: 0.2, channelProbability: 0.5, sigma: 0.5...1.5)),
        AugmentationStep(
          BrightnessMultiplication(probability: 0.15, factor: 0.7...1.3)),
        AugmentationStep(Contrast(probability: 0.15, factor: 0.65...1.5)),
        AugmentationStep(
          LowResolution(
            probability: 0.25, channelProbability: 0.5, zoom: 0.5...1,
            ignoredAxes: spatial?.transformsSlices == true ? [0] : [])),
        AugmentationStep(Gamma(probability: 0.15, exponent: exponent, invertsImage: true)),
      ] + (brightness.map { [AugmentationStep($0)] } ?? []) + [
        AugmentationStep(Gamma(probability: 0.3, exponent: exponent, invertsImage: false))
      ])
  }

  /// Replaces what comes before mirroring.
  mutating func replaceIntensities(by intensities: [AugmentationStep]) {
    steps.replaceSubrange(..<mirroringIndex, with: intensities)
  }

  /// Where the recipe mirrors.
  var mirroringIndex: Int {
    guard let index = steps.firstIndex(where: { $0.is(Mirroring.self) }) else {
      preconditionFailure("the recipe does not mirror")
    }
    return index
  }
}

extension SpatialTransform {
  /// Rotations by up to `degrees` about three axes, or by any angle in a plane.
  ///
  /// Images whose sides differ by more than 1.5 times turn by `degreesOfLongImages`.
  static func turning(
    patchSize: [Int], usesDummy2D: Bool, degrees: Double, degreesOfLongImages: Double,
    smallestScale: Double
  ) -> SpatialTransform {
    let degree = Double.pi / 180
    let isVolume = patchSize.count == 3 && !usesDummy2D
    let isLong =
      // lint: a patch has axes
      patchSize.count == 2 && Double(patchSize.max()!) / Double(patchSize.min()!) > 1.5
    let limit = (isVolume ? degrees : isLong ? degreesOfLongImages : 180) * degree
    let angles = Array(repeating: -limit...limit, count: isVolume ? 3 : 1)
    let turned = usesDummy2D ? Array(patchSize.dropFirst()) : patchSize
    let initial = Augmentation.initialPatchSize(
      for: turned, angles: angles, smallestScale: smallestScale)
    return SpatialTransform(
      patchSize: patchSize, initialPatchSize: usesDummy2D ? [patchSize[0]] + initial : initial,
      angles: angles, transformsSlices: usesDummy2D)
  }
}
