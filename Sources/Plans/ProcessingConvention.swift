/// The nnU-Net version whose conventions apply to preparing images and to turning outputs into
/// segmentations.
///
/// ``ExperimentPlans`` contain it. No other code checks the version itself, only its consequences:
/// this type defines how images are prepared, and `InferenceConvention` how networks predict.
public enum ProcessingConvention: String, Codable, Hashable, Sendable, CaseIterable {
  /// As nnU-Net v1.
  case v1
  /// As nnU-Net v2.
  case v2

  /// The convention of plans that do not name it: those of v2 have their own preprocessor.
  public init(ofPreprocessor name: String) {
    self = name == ExperimentPlans.preprocessorV2 ? .v2 : .v1
  }

  /// The order in which a case is resampled and its intensities are normalized.
  package enum PreparationOrder: Hashable, Sendable {
    case resampleThenNormalize
    case normalizeThenResample
  }

  /// The order in which a case is resampled and its intensities are normalized.
  package var preparationOrder: PreparationOrder {
    switch self {
    case .v1: .resampleThenNormalize
    case .v2: .normalizeThenResample
    }
  }
}
