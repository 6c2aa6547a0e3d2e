public import Plans

/// A rule of a package that is applied before or after a dataset is planned.
public struct PlannerAdaptation: Sendable, Hashable {
  /// Its unique name.
  public let name: String
  /// Changes the planner for a dataset, such as its target spacing or its normalizations.
  public var changePlanner: @Sendable (inout ExperimentPlanner, DatasetFingerprint) -> Void
  /// Changes the finished plans.
  public var changePlans: @Sendable (inout ExperimentPlans) -> Void

  /// Creates a rule; omitted parts change nothing.
  public init(
    name: String,
    changePlanner: @escaping @Sendable (inout ExperimentPlanner, DatasetFingerprint) -> Void = {
      _, _ in
    },
    changePlans: @escaping @Sendable (inout ExperimentPlans) -> Void = { _ in }
  ) {
    self.name = name
    self.changePlanner = changePlanner
    self.changePlans = changePlans
  }

  /// Whether they have the same name.
  public static func == (left: PlannerAdaptation, right: PlannerAdaptation) -> Bool {
    left.name == right.name
  }

  /// Hashes the name, the only part that is compared.
  public func hash(into hasher: inout Hasher) { hasher.combine(name) }
}

extension ExperimentPlanner {
  /// This planner with its rule's changes for a dataset, and without the rule.
  func adapted(to fingerprint: DatasetFingerprint) -> ExperimentPlanner {
    var planner = self
    planner.adaptation = nil
    adaptation?.changePlanner(&planner, fingerprint)
    return planner
  }
}
