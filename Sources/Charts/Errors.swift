public import HostSystem

/// A picture that cannot be made.
public enum ChartError: ExplainedError, Equatable {
  /// The drawing library's reason.
  case cannotDraw(reason: String)

  public var message: String {
    switch self {
    case .cannotDraw(let reason): "A picture cannot be drawn: \(reason)."
    }
  }

  public var hint: String? { nil }
}
