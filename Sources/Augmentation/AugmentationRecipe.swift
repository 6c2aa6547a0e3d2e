/// Which transforms training samples go through, in which order and with which parameters.
package struct AugmentationRecipe: Hashable, Sendable {
  /// The extents of the network's input, (z, y, x) or (y, x).
  package var patchSize: [Int]
  /// Rotation and scaling; `nil` to read patches of their final size.
  package var spatial: SpatialTransform?
  /// What follows, in order.
  package var steps: [AugmentationStep]

  package init(patchSize: [Int], spatial: SpatialTransform?, steps: [AugmentationStep]) {
    precondition(spatial.map { $0.patchSize == patchSize } ?? true, "patch sizes differ")
    self.patchSize = patchSize
    self.spatial = spatial
    self.steps = steps
  }

  /// The extents of the patch that is cut out of the case.
  package var initialPatchSize: [Int] { spatial?.initialPatchSize ?? patchSize }

  /// Draws everything that is random about one sample.
  package func draw(
    channels: Int, using generator: inout some RandomNumberGenerator
  ) -> AugmentationDraw {
    AugmentationDraw(
      spatial: spatial?.draw(using: &generator),
      steps: steps.compactMap { $0.draw(channels: channels, using: &generator) })
  }

  /// The part of the initial patch that is needed for a sample with these parameters.
  package func window(for draw: AugmentationDraw) -> PatchWindow {
    guard let spatial, let parameters = draw.spatial else {
      return PatchWindow(wholePatch: initialPatchSize)
    }
    return spatial.window(for: parameters)
  }

  /// Makes the sample for the network; depends only on the arguments.
  ///
  /// - Parameters:
  ///   - draw: What was drawn with this recipe.
  ///   - sample: The voxels of `window`.
  ///   - window: A part of the initial patch that contains ``window(for:)``.
  /// - Returns: The sample, whose extents are ``patchSize``.
  package func apply(
    _ draw: AugmentationDraw, to sample: AugmentationSample, window: PatchWindow
  ) -> AugmentationSample {
    var result = sample
    if let spatial, let parameters = draw.spatial {
      result = spatial.apply(parameters, to: sample, window: window)
    }
    for step in draw.steps { step.apply(to: &result) }
    return result
  }

  /// Draws and applies: makes a training sample of a whole initial patch.
  package func augment(
    _ sample: AugmentationSample, using generator: inout some RandomNumberGenerator
  ) -> AugmentationSample {
    apply(
      draw(channels: sample.channels, using: &generator), to: sample,
      window: PatchWindow(wholePatch: initialPatchSize))
  }
}

/// Everything that is random about one sample.
package struct AugmentationDraw: Sendable {
  /// The parameters of the spatial transform; `nil` if the recipe has none.
  package let spatial: SpatialTransform.Parameters?
  /// The steps that are applied, with their parameters.
  package let steps: [DrawnTransform]
}
