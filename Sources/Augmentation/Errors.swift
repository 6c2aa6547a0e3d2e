public import HostSystem

/// A training sample that cannot be made.
public enum AugmentationError: ExplainedError, Equatable {
  /// A prepared case holds a label that is no whole number from -32768 to 32767.
  case labelIsNotWhole(value: Float)

  public var message: String {
    switch self {
    case .labelIsNotWhole(let value):
      "A prepared case holds the label \(value), which is not a whole number."
    }
  }

  public var hint: String? {
    switch self {
    case .labelIsNotWhole: "The prepared case is damaged; run the preprocessing again."
    }
  }
}
