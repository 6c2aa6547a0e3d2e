public import Foundation
public import Plans

/// Which models should predict a task's new cases: the content of `selection.json`.
public struct ModelChoice: Codable, Hashable, Sendable {
  /// One model, or several whose probabilities are averaged.
  public var members: [ModelIdentity]
  /// The folds that were compared and that predict together.
  public var folds: [Int]
  /// The mean foreground Dice of the cross-validation.
  public var dice: Double
  /// The ensemble's folder name; nil for a single model, whose folder holds its postprocessing.
  public var ensemble: String?
  /// Whether postprocessing was determined.
  public var postprocesses: Bool

  public static let fileName = "selection.json"

  public init(
    members: [ModelIdentity], folds: [Int], dice: Double, ensemble: String?, postprocesses: Bool
  ) {
    self.members = members
    self.folds = folds
    self.dice = dice
    self.ensemble = ensemble
    self.postprocesses = postprocesses
  }

  /// Where the choice for a task is kept.
  public static func file(in workspace: Workspace, task: String) throws -> URL {
    try ensembleFolder(in: workspace, task: task).appending(path: fileName)
  }
}

/// The folder of a task's ensembles and of what was concluded about its models.
func ensembleFolder(in workspace: Workspace, task: String) throws -> URL {
  try workspace.allResults().appending(path: "ensembles").appending(path: task)
}
