import HostSystem

/// A picture that cannot be made.
package enum ChartError: ExplainedError, Equatable {
  /// The drawing library's reason.
  case cannotDraw(reason: String)

  package var message: String {
    switch self {
    case .cannotDraw(let reason): "A picture cannot be drawn: \(reason)."
    }
  }

  package var hint: String? { nil }
}
