package import HostSystem
package import Plans

/// Which of a task's models are compared.
package struct CandidateModels: Hashable, Sendable {
  /// The networks that the user named; empty for those that are trained.
  package var configurations: [Configuration]
  /// The trainer of all networks except the cascade's.
  package var trainer: String
  /// The trainer of the cascade.
  package var cascadeTrainer: String
  /// The plans identifier.
  package var plans: String
  /// Whether all four networks must be there if the user named none.
  package var isStrict: Bool

  package init(
    configurations: [Configuration], trainer: String, cascadeTrainer: String, plans: String,
    isStrict: Bool
  ) {
    self.configurations = configurations
    self.trainer = trainer
    self.cascadeTrainer = cascadeTrainer
    self.plans = plans
    self.isStrict = isStrict
  }

  /// The models of a task.
  ///
  /// - Parameters:
  ///   - task: The task's full name.
  ///   - workspace: The folders with the results.
  ///   - reporter: Told which networks are left out.
  /// - Returns: At least one model; if none is trained, the first, whose folder the comparison then
  ///   reports as missing.
  /// - Throws: `WorkspaceError` if there is no folder for results.
  package func models(
    of task: String, in workspace: Workspace, reporter: some Reporter
  ) throws -> [ModelIdentity] {
    let all = (configurations.isEmpty ? Configuration.allCases : configurations).map {
      ModelIdentity(
        configuration: $0, trainer: $0 == .cascade ? cascadeTrainer : trainer, plans: plans)
    }
    guard configurations.isEmpty, !isStrict else { return all }
    let present = try all.filter {
      fileExists(try $0.folder(in: workspace, task: task))
    }
    for model in all where !present.contains(model) {
      reporter.note("\(model.configuration.rawValue) is not trained and is left out")
    }
    return present.isEmpty ? Array(all.prefix(1)) : present
  }
}
