/// The transforms that a recipe can apply after the patch has been cut out.
package enum AugmentationStep: Hashable, Sendable {
  case gaussianNoise(GaussianNoise)
  case gaussianBlur(GaussianBlur)
  case brightnessMultiplication(BrightnessMultiplication)
  case brightnessAddition(BrightnessAddition)
  case contrast(Contrast)
  case lowResolution(LowResolution)
  case gamma(Gamma)
  case mirroring(Mirroring)
  case maskOutside(MaskOutside)
  case labelReplacement(LabelReplacement)
  case labelRegions(LabelRegions)
  case previousSegmentation(PreviousSegmentation)
  case randomMorphology(RandomMorphology)
  case componentRemoval(ComponentRemoval)
  case oneOf(OneOf)
  case medianFilter(MedianFilter)
  case sharpening(Sharpening)
  case blankRectangles(BlankRectangles)
  case brightnessGradient(BrightnessGradient)
  case localGamma(LocalGamma)
  case quarterTurns(QuarterTurns)
  case axisTransposition(AxisTransposition)
  /// A transform of a package.
  case registered(RegisteredTransform)

  /// The transform itself.
  package var transform: any RandomTransform & Encodable {
    switch self {
    case .gaussianNoise(let transform): transform
    case .gaussianBlur(let transform): transform
    case .brightnessMultiplication(let transform): transform
    case .brightnessAddition(let transform): transform
    case .contrast(let transform): transform
    case .lowResolution(let transform): transform
    case .gamma(let transform): transform
    case .mirroring(let transform): transform
    case .maskOutside(let transform): transform
    case .labelReplacement(let transform): transform
    case .labelRegions(let transform): transform
    case .previousSegmentation(let transform): transform
    case .randomMorphology(let transform): transform
    case .componentRemoval(let transform): transform
    case .oneOf(let transform): transform
    case .medianFilter(let transform): transform
    case .sharpening(let transform): transform
    case .blankRectangles(let transform): transform
    case .brightnessGradient(let transform): transform
    case .localGamma(let transform): transform
    case .quarterTurns(let transform): transform
    case .axisTransposition(let transform): transform
    case .registered(let transform): transform
    }
  }

  /// Draws the parameters for a sample; `nil` if the step is not applied.
  func draw(
    channels: Int, using generator: inout some RandomNumberGenerator
  ) -> DrawnTransform? {
    func open(_ transform: some RandomTransform) -> DrawnTransform? {
      DrawnTransform(transform, channels: channels, using: &generator)
    }
    return open(transform)
  }

  var isMirroring: Bool {
    if case .mirroring = self { true } else { false }
  }
}
