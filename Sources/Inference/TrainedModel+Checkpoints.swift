public import Foundation
public import HostSystem

extension TrainedModel {
  /// The checkpoints of the folds of the cross-validation and of the network of all cases, as far as
  /// they are there.
  ///
  /// - Throws: ``InferenceError`` where there is none.
  public func allCheckpoints(
    named name: String, reporter: any HostSystem.ProgressReporting = SilentReporter()
  ) throws -> [URL] {
    let all = try? checkpoints(of: .trainedOnAll, named: name)
    do {
      return try checkpoints(of: .allTrained, named: name, reporter: reporter) + (all ?? [])
    } catch let error as InferenceError {
      guard let all else { throw error }
      return all
    }
  }
}
