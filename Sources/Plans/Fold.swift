import HostSystem

/// A fold of the cross-validation, or all cases at once.
public enum Fold: Hashable, Sendable {
  /// A fold of the cross-validation, counted from 0.
  case number(Int)
  /// Trains and validates on everything.
  case all

  /// What the names of the folders of numbered folds begin with.
  package static let folderPrefix = "fold_"

  /// The fold of a folder; nil for other folders.
  package init?(folderName: String) {
    if folderName.isExactly("all") {
      self = .all
    } else if let digits = folderName.dropping(prefix: Self.folderPrefix),
      let number = Int(digits), number >= 0
    {
      self = .number(number)
    } else {
      return nil
    }
  }

  /// The name of the fold's folder.
  package var folderName: String {
    switch self {
    case .number(let number): Self.folderPrefix + String(number)
    case .all: "all"
    }
  }

  /// Its number in the cross-validation; nil for the fold of all cases.
  package var number: Int? {
    guard case .number(let number) = self else { return nil }
    return number
  }
}
