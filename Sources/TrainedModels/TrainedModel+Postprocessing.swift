package import Evaluation
package import Foundation
package import HostSystem

extension TrainedModel {
  /// The postprocessing that was determined for the model, if it was determined with the predicting
  /// folds.
  ///
  /// - Parameters:
  ///   - checkpoints: The checkpoints of the predicting folds.
  ///   - acceptsDifferences: Whether folds that were retrained since then are reported and
  ///     accepted.
  ///   - reporter: Receives folds that it was not determined with.
  /// - Returns: Nil if postprocessing was not determined.
  /// - Throws: ``TrainedModelError/stalePostprocessing(file:folds:)``.
  package func postprocessing(
    for checkpoints: [URL], acceptsDifferences: Bool,
    reporter: any Reporter
  ) throws -> Postprocessing? {
    guard let postprocessing = try Postprocessing(inFolder: folder) else { return nil }
    let marks = postprocessing.foldMarks
    // Files of v1 and of earlier versions do not say what they were determined with.
    guard !marks.isEmpty else { return postprocessing }
    let file = folder.appending(path: Postprocessing.fileName).path
    let changed = try FoldMark.changed(
      since: marks.map { (folder.appending(path: $0.key), $0.value) })
    if !changed.isEmpty {
      let error = TrainedModelError.stalePostprocessing(
        file: file, folds: changed.map(\.lastPathComponent))
      guard acceptsDifferences else { throw error }
      reporter.warn(error.message)
    }
    let others = checkpoints.map { $0.deletingLastPathComponent().lastPathComponent }
      .filter { marks[$0] == nil }
    if !others.isEmpty {
      reporter.warn(
        "\(file) was determined with \(marks.keys.sorted().joined(separator: ", ")), not with"
          + " \(others.joined(separator: ", "))")
    }
    return postprocessing
  }
}
