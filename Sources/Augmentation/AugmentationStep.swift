/// The transforms that a recipe can apply after the patch has been cut out.
public enum AugmentationStep: Hashable, Sendable {
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

  /// The transform itself.
  public var transform: any RandomTransform {
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
    }
  }

  /// Draws the parameters for a sample; `nil` when the step is not to be applied.
  func draw(
    channels: Int, using generator: inout some RandomNumberGenerator
  ) -> DrawnTransform? {
    func open(_ transform: some RandomTransform) -> DrawnTransform? {
      DrawnTransform(transform, channels: channels, using: &generator)
    }
    return open(transform)
  }
}
