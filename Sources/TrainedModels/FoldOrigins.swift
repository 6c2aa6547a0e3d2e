package import Foundation
package import HostSystem
import ModelExchange
package import Plans

/// Compares what the folds of a model were trained with and the model's current plans.
///
/// Images are prepared by the model's plans; a network that was trained with others would get
/// unfamiliar images, and nobody would notice.
package struct FoldOrigins {
  /// What differs.
  package private(set) var differences: [OriginDifference] = []
  /// The folds that say nothing about their plans.
  package private(set) var silent: [String] = []

  package init() {}

  /// Compares the plans of a fold with those of the model.
  ///
  /// - Parameters:
  ///   - checkpoint: The fold's checkpoint, of this program or of the Python nnU-Net v1.
  ///   - plans: The model's plans; nil if it has none.
  ///   - place: Their file, for the message.
  /// - Returns: The fingerprints in the checkpoint; nil for those of v1, which contain none.
  /// - Throws: `FileError`, `CheckpointError` or `ExchangeError` if the checkpoint cannot be read.
  @discardableResult
  package mutating func compare(
    _ checkpoint: URL, to plans: ExperimentPlans?, in place: String
  ) throws -> OriginFingerprints? {
    let fold = checkpoint.deletingLastPathComponent()
    switch checkpoint.pathExtension {
    case V1Model.checkpointExtension:
      if let plans { try compareV1(checkpoint, ofFold: fold, to: plans, in: place) }
      return nil
    case "safetensors":
      guard let origin = try OriginFingerprints(ofCheckpoint: checkpoint) else {
        silent.append(fold.lastPathComponent)
        return nil
      }
      if let plans {
        add(try OriginDifference.inPlans(origin, ofFold: fold, to: plans, in: place))
      }
      return origin
    default: return nil
    }
  }

  /// Adds the result of another comparison, if any.
  package mutating func add(_ difference: OriginDifference?) {
    if let difference { differences.append(difference) }
  }

  /// v1 stores the plans of a training next to each checkpoint.
  private mutating func compareV1(
    _ checkpoint: URL, ofFold fold: URL, to plans: ExperimentPlans, in place: String
  ) throws {
    guard fileExists(checkpoint.appendingPathExtension("pkl")) else {
      silent.append(fold.lastPathComponent)
      return
    }
    let trained = try V1Model.description(ofCheckpoint: checkpoint).plans
    let details = try plans.originDifferences(from: trained)
    guard !details.isEmpty else { return }
    add(
      OriginDifference(
        fold: fold.lastPathComponent,
        problem: "was trained with plans other than those now in \(place)"
          + OriginDifference.list(details)))
  }

  /// Reports the differences, or refuses them.
  ///
  /// - Parameters:
  ///   - model: The model's folder.
  ///   - acceptsDifferences: Whether differences are reported and accepted.
  ///   - reporter: Receives differences, and checkpoints that do not name their plans.
  ///   - refusal: The error for differences that are not accepted.
  /// - Throws: `refusal` of all differences, unless there are none or they are accepted.
  package func conclude<Refusal: Error>(
    about model: URL, acceptsDifferences: Bool, reporter: any Reporter,
    refusal: ([OriginDifference]) -> Refusal
  ) throws(Refusal) {
    if !silent.isEmpty {
      reporter.note(
        "\(silent.joined(separator: ", ")) of \(model.path): the checkpoints do not say which plans and"
          + " split they were made with; whether these have changed cannot be checked")
    }
    guard acceptsDifferences || differences.isEmpty else { throw refusal(differences) }
    for difference in differences { reporter.warn(difference.text) }
  }
}
