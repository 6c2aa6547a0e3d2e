package import Foundation
package import Plans

/// Plans of another dataset, used so that its trained weights fit: `-overwrite_plans`.
///
/// Spacing, patch, topology, normalization and intensities are those of the other dataset; the labels
/// are this dataset's own. See Guides/Planning.md.
package struct ForeignPlans: Hashable, Sendable {
  /// The plans file.
  package var file: URL
  /// The end of the new plans' name.
  package var identifier: String
  /// The file's plans; nil to read them as JSON.
  package var plans: ExperimentPlans?

  package init(file: URL, identifier: String, plans: ExperimentPlans? = nil) {
    self.file = file
    self.identifier = identifier
    self.plans = plans
  }

  /// The beginning of the new plans file's name, which users pass to `-p`.
  package var plansIdentifier: String { "nnUNetPlans_pretrained_\(identifier)" }
  /// The name of the folders with the cases prepared by these plans.
  package var dataIdentifier: String { "nnUNetData_pretrained_\(identifier)" }

  /// The plans of the other dataset with the labels of this one.
  ///
  /// - Parameter own: The plans that this dataset would otherwise have.
  /// - Returns: The other plans with this dataset's labels, and ``dataIdentifier`` as its folders'
  ///   name.
  /// - Throws: ``PlanningError/foreignPlansDoNotFit(file:problem:)`` for another number of channels
  ///   or 2D plans, and `FileError` or `JSONError` if the file cannot be read.
  package func adapted(to own: ExperimentPlans) throws -> ExperimentPlans {
    var plans = try plans ?? ExperimentPlans.read(from: file)
    guard plans.channelCount == own.channelCount else {
      throw PlanningError.foreignPlansDoNotFit(
        file: file.path,
        problem:
          "they are for \(plans.channelCount) channels, but the dataset has \(own.channelCount)")
    }
    guard plans.stages.values.allSatisfy({ $0.patchSize.count == 3 }) else {
      throw PlanningError.foreignPlansDoNotFit(
        file: file.path, problem: "they are for 2D networks; 3D plans are needed")
    }
    plans.foregroundLabelCount = own.foregroundLabelCount
    plans.foregroundLabels = own.foregroundLabels
    plans.dataIdentifier = dataIdentifier
    return plans
  }
}
