package import Foundation
package import HostSystem
import Plans

extension TrainedModel {
  /// The folds of a model that predict together.
  package enum Folds: Hashable, Sendable {
    /// All folds of the cross-validation that have the checkpoint.
    case allTrained
    /// The network that was trained on all cases.
    case trainedOnAll
    case numbers([Int])
  }

  /// Finds the checkpoints of folds.
  ///
  /// - Parameters:
  ///   - folds: The folds.
  ///   - name: The checkpoint's name without its extension, such as `model_final_checkpoint`.
  ///   - reporter: Receives a warning about folds that are skipped because they lack the
  ///     checkpoint.
  /// - Returns: The files, in ascending order of the folds.
  /// - Throws: ``TrainedModelError`` naming every missing fold or checkpoint.
  package func checkpoints(
    of folds: Folds, named name: String,
    reporter: any Reporter = SilentReporter()
  ) throws -> [URL] {
    let files = source.checkpointFiles(named: name)
    func checkpoint(_ fold: String) -> URL { files.file(in: folder.appending(path: fold)) }
    let names: [String]
    switch folds {
    case .trainedOnAll: names = [files.folderOfAllCases]
    case .numbers(let numbers): names = Set(numbers).sorted().map { Fold.number($0).folderName }
    case .allTrained:
      let folders = ((try? folderNames(in: folder)) ?? []).filter {
        $0.begins(with: Fold.folderPrefix)
      }
      let present = folders.filter { $0 != files.folderOfAllCases }
      names = present.filter { fileExists(checkpoint($0)) }
      guard !names.isEmpty else {
        throw TrainedModelError.noFolds(
          model: folder.path, checkpoint: files.name, folders: folders)
      }
      for fold in present where !names.contains(fold) {
        reporter.warn("\(fold) has no \(files.name) and is left out")
      }
    }
    let missing = names.map(checkpoint).filter { !fileExists($0) }
    guard missing.isEmpty else { throw TrainedModelError.noCheckpoints(missing.map(\.path)) }
    return names.map(checkpoint)
  }

  /// The checkpoints of the folds of the cross-validation and of the network of all cases, as far
  /// as they exist.
  ///
  /// - Throws: ``TrainedModelError`` where there is none.
  package func allCheckpoints(
    named name: String, reporter: any Reporter = SilentReporter()
  ) throws -> [URL] {
    let all = try? checkpoints(of: .trainedOnAll, named: name)
    do {
      return try checkpoints(of: .allTrained, named: name, reporter: reporter) + (all ?? [])
    } catch let error as TrainedModelError {
      guard let all else { throw error }
      return all
    }
  }
}
