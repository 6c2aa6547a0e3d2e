public import HostSystem

/// A dataset that cannot be planned.
public enum PlanningError: ExplainedError, Equatable {
  /// The fingerprint has no cases.
  case noCases
  /// The fingerprint has no label above 0.
  case noForegroundLabels
  case unequalCounts(sizes: Int, spacings: Int)
  /// A size that is not three positive numbers.
  case invalidSize([Int])
  /// A spacing that is not three positive numbers.
  case invalidSpacing([Double])
  /// No planner has the name.
  case unknownPlanner(name: String, known: [String])

  public var message: String {
    switch self {
    case .noCases: "The dataset has no training cases."
    case .noForegroundLabels: "The dataset has no labels above 0."
    case .unequalCounts(let sizes, let spacings):
      "The fingerprint has \(sizes) sizes, but \(spacings) spacings."
    case .invalidSize(let size): "A case has the size \(size); three positive numbers are needed."
    case .invalidSpacing(let spacing):
      "A case has the spacing \(spacing) mm; three positive numbers are needed."
    case .unknownPlanner(let name, _): "There is no planner '\(name)'."
    }
  }

  public var hint: String? {
    switch self {
    case .noCases: "List the cases under \"training\" in dataset.json."
    case .noForegroundLabels: "List the labels in dataset.json: {\"0\": \"background\", \"1\": …}."
    case .unequalCounts: "Delete dataset_properties.json and plan again."
    case .invalidSize, .invalidSpacing: "Correct the image's header."
    case .unknownPlanner(_, let known):
      "Known planners are: \(known.joined(separator: ", ")), or None to plan nothing."
    }
  }
}
