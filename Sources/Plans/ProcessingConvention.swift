/// By the conventions of which nnU-Net images are prepared and outputs become segmentations.
///
/// ``ExperimentPlans`` hold it. Nobody else asks which version it is, but what follows from it: how images
/// are prepared is said here, how networks predict by `InferenceConvention`.
public enum ProcessingConvention: String, Codable, Hashable, Sendable, CaseIterable {
  /// As nnU-Net v1.
  case v1
  /// As nnU-Net v2.
  case v2

  /// The convention of plans that do not name it: those of v2 have a preprocessor of their own.
  public init(ofPreprocessor name: String) {
    self = name == ExperimentPlans.preprocessorV2 ? .v2 : .v1
  }

  /// In which order a case is resampled and its intensities are normalized.
  package enum PreparationOrder: Hashable, Sendable {
    case resampleThenNormalize
    case normalizeThenResample
  }

  /// In which order a case is resampled and its intensities are normalized.
  package var preparationOrder: PreparationOrder {
    switch self {
    case .v1: .resampleThenNormalize
    case .v2: .normalizeThenResample
    }
  }
}
