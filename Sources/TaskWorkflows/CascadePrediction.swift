package import Foundation
package import HostSystem
import Inference
package import TrainedModels

/// A prediction with one model; for the second network of a cascade, the first one predicts before.
package struct CascadePrediction {
  /// The requested prediction.
  package var asked: FolderPrediction
  /// The segmentations of the cascade's first network; nil to make them.
  package var previousFolder: URL?

  package init(_ asked: FolderPrediction, previousFolder: URL?) {
    self.asked = asked
    self.previousFolder = previousFolder
  }

  /// Predicts.
  ///
  /// - Parameters:
  ///   - first: The same prediction with the model of another network, by the network's name.
  ///   - reporter: Receives what is done and which cases fail.
  ///   - predict: Predicts with a single model.
  /// - Throws: `InferenceError.casesFailed` after all other cases are predicted, and what `predict` throws.
  package func run(
    first: (String) throws -> FolderPrediction, reporter: any Reporter,
    predict: (FolderPrediction) throws -> Void
  ) throws {
    var prediction = asked
    if let previous = prediction.model.previousConfiguration {
      if let previousFolder {
        prediction.previousFolder = previousFolder
      } else {
        reporter.note("no -l: predicting with \(previous) first")
        try predictFirst(first(previous), for: &prediction, reporter: reporter, predict: predict)
      }
    } else if previousFolder != nil {
      reporter.warn("-l is only for cascades and has no effect")
    }
    try predict(prediction)
  }

  /// Passes the cascade's first prediction to the second.
  private func predictFirst(
    _ asked: FolderPrediction, for second: inout FolderPrediction,
    reporter: any Reporter, predict: (FolderPrediction) throws -> Void
  ) throws {
    var first = asked
    first.output = second.output.appending(path: "3d_lowres_predictions")
    first.checkpoint = "model_final_checkpoint"
    first.options.mode = .normal
    first.options.savesProbabilities = false
    first.skipped = second.skipped
    first.failedBefore = second.failedBefore
    do {
      try predict(first)
    } catch InferenceError.casesFailed(let problems, of: _) {
      reporter.warn("some cases have no 3d_lowres segmentation; continuing with the others")
      second.failedBefore = problems
    }
    second.previousFolder = first.output
  }
}
