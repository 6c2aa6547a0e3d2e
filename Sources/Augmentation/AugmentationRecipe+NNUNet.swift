extension AugmentationRecipe {
  /// The augmentation of nnU-Net's default trainer, `nnUNetTrainerV2`.
  ///
  /// - Parameters:
  ///   - patchSize: The extents of the network's input, (z, y, x) or (y, x).
  ///   - usesDummy2D: Whether volumes are rotated and scaled slice by slice, because the slices are
  ///     much farther apart than the voxels within them.
  ///   - channelsUsingMask: Per channel, whether it was normalized within the nonzero region.
  ///   - mirrorAxes: The spatial axes that may be mirrored; `nil` for all.
  ///   - regions: For training on regions, the labels of each; `nil` to keep labels.
  ///   - previousLabels: For the second configuration of a cascade, the labels above 0.
  /// - Returns: The recipe, with nnU-Net's order of transforms and its probabilities.
  package static func nnUNetV2(
    patchSize: [Int], usesDummy2D: Bool, channelsUsingMask: [Bool], mirrorAxes: [Int]? = nil,
    regions: [[Int16]]? = nil, previousLabels: [Int16]? = nil
  ) -> AugmentationRecipe {
    let mirrorAxes = mirrorAxes ?? Array(patchSize.indices)
    return AugmentationRecipe(
      patchSize: patchSize,
      spatial: .nnUNetV2(patchSize: patchSize, usesDummy2D: usesDummy2D),
      steps: [
        AugmentationStep(GaussianNoise(probability: 0.1, standardDeviation: 0...0.1)),
        AugmentationStep(GaussianBlur(probability: 0.2, channelProbability: 0.5, sigma: 0.5...1)),
        AugmentationStep(
          BrightnessMultiplication(probability: 0.15, factor: 0.75...1.25)),
        AugmentationStep(Contrast(probability: 0.15, factor: 0.75...1.25)),
        AugmentationStep(
          LowResolution(
            probability: 0.25, channelProbability: 0.5, zoom: 0.5...1,
            ignoredAxes: usesDummy2D ? [0] : [])),
        AugmentationStep(Gamma(probability: 0.1, exponent: 0.7...1.5, invertsImage: true)),
        AugmentationStep(Gamma(probability: 0.3, exponent: 0.7...1.5, invertsImage: false)),
        AugmentationStep(Mirroring(axes: mirrorAxes)),
        AugmentationStep(MaskOutside(channelsUsingMask: channelsUsingMask)),
        AugmentationStep(LabelReplacement(label: -1, replacement: 0)),
      ] + cascadeSteps(previousLabels, augments: true) + regionSteps(regions))
  }

  /// What validation samples go through: no augmentation.
  package static func validation(
    patchSize: [Int], regions: [[Int16]]? = nil, previousLabels: [Int16]? = nil
  ) -> AugmentationRecipe {
    AugmentationRecipe(
      patchSize: patchSize, spatial: nil,
      steps: [AugmentationStep(LabelReplacement(label: -1, replacement: 0))]
        + cascadeSteps(previousLabels, augments: false) + regionSteps(regions))
  }

  private static func cascadeSteps(_ labels: [Int16]?, augments: Bool) -> [AugmentationStep] {
    guard let labels else { return [] }
    let masks = AugmentationStep(PreviousSegmentation(labels: labels))
    guard augments else { return [masks] }
    return [
      masks,
      AugmentationStep(
        RandomMorphology(
          masks: labels.count, probability: 0.4, maskProbability: 1, radius: 1...8)),
      AugmentationStep(
        ComponentRemoval(masks: labels.count, probability: 0.2, largestCoverage: 0.15)),
    ]
  }

  private static func regionSteps(_ regions: [[Int16]]?) -> [AugmentationStep] {
    regions.map { [AugmentationStep(LabelRegions(regions: $0))] } ?? []
  }
}

extension AugmentationRecipe {
  /// Changes the default to that of `nnUNetTrainerV2_DA2`.
  ///
  /// A factor for each axis, each angle of volumes with probability one half, and additive
  /// brightness.
  package mutating func changeToDA2() {
    spatial?.independentScaleProbability = 1
    if patchSize.count == 3 { spatial?.angleProbability = 0.5 }
    if let brightness = steps.firstIndex(where: { $0.is(BrightnessMultiplication.self) }) {
      steps.insert(AugmentationStep(BrightnessAddition()), at: brightness + 1)
    }
  }
}

extension SpatialTransform {
  /// The rotation and scaling of `nnUNetTrainerV2`.
  ///
  /// Volumes turn by up to 30° about each axis, images and slices by any angle, elongated images
  /// by up to 15°.
  package static func nnUNetV2(patchSize: [Int], usesDummy2D: Bool) -> SpatialTransform {
    precondition((2...3).contains(patchSize.count), "\(patchSize) has neither two nor three axes")
    precondition(!usesDummy2D || patchSize.count == 3, "images have no slices")
    let degree = Double.pi / 180
    let angles: [ClosedRange<Double>]
    if patchSize.count == 3 && !usesDummy2D {
      angles = Array(repeating: -30 * degree...30 * degree, count: 3)
      // lint: a patch has axes
    } else if !usesDummy2D && Double(patchSize.max()!) / Double(patchSize.min()!) > 1.5 {
      angles = [-15 * degree...15 * degree]
    } else {
      angles = [-180 * degree...180 * degree]
    }
    let turned = usesDummy2D ? Array(patchSize.dropFirst()) : patchSize
    let initial = Augmentation.initialPatchSize(for: turned, angles: angles, smallestScale: 0.85)
    return SpatialTransform(
      patchSize: patchSize, initialPatchSize: usesDummy2D ? [patchSize[0]] + initial : initial,
      rotationProbability: 0.2, angles: angles, scaleProbability: 0.2, scale: 0.7...1.4,
      transformsSlices: usesDummy2D)
  }
}
