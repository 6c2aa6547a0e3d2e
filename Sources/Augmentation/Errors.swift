import HostSystem

/// A training sample that cannot be made.
package enum AugmentationError: ExplainedError, Equatable {
  /// A prepared case contains a label that is not among the possible ones.
  case badLabel(value: Float, labels: ClosedRange<Int16>)

  package var message: String {
    switch self {
    case .badLabel(let value, let labels):
      "A prepared case contains the label \(value), which is not a whole number from"
        + " \(labels.lowerBound) to \(labels.upperBound)."
    }
  }

  package var hint: String? {
    switch self {
    case .badLabel: "The prepared case is damaged; run the preprocessing again."
    }
  }
}
