package import Foundation
package import Plans

/// Which trained model of a task: the parts of its folder's name.
package struct ModelIdentity: Hashable, Sendable, Codable {
  package var configuration: Configuration
  package var trainer: String
  /// The plans identifier.
  package var plans: String

  package init(configuration: Configuration, trainer: String, plans: String) {
    self.configuration = configuration
    self.trainer = trainer
    self.plans = plans
  }

  /// `CONFIGURATION__TRAINER__PLANS`, as ensembles are named.
  package var name: String { "\(configuration.rawValue)__\(trainer)__\(plans)" }

  /// The short name of a model or an ensemble: `2d`, `ensemble of 2d and 3d_fullres`.
  ///
  /// If models differ in more than the network, the full names are used.
  package static func shortName(of members: [ModelIdentity]) -> String {
    let networks = members.map(\.configuration.rawValue)
    let names = Set(networks).count == members.count ? networks : members.map(\.name)
    return members.count > 1 ? "ensemble of " + names.joined(separator: " and ") : names[0]
  }

  /// The path of the model's folder in `RESULTS_FOLDER/nnUNet`.
  func path(ofTask task: String) -> String {
    "\(configuration.rawValue)/\(task)/\(trainer)__\(plans)"
  }

  /// The model's folder, which contains one folder for each fold.
  package func folder(in workspace: Workspace, task: String) throws -> URL {
    try workspace.modelFolder(
      configuration: configuration, task: task, trainer: trainer, plans: plans)
  }
}
