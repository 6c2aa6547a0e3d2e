public import Foundation
import HostSystem

/// The files of one fold of a model.
public struct FoldFolder: Hashable, Sendable {
  package var url: URL

  /// Creates the place of a fold's files, which need not exist.
  public init(_ url: URL) { self.url = url }

  /// The kinds of checkpoint, by nnU-Net's file names.
  package enum Checkpoint: String, CaseIterable, Sendable {
    case final = "model_final_checkpoint"
    case latest = "model_latest"
    /// The one before the latest.
    case previous = "model_previous"
    /// The file that will become the latest.
    case pending = "model_pending"
    case best = "model_best"
  }

  /// The file of a checkpoint.
  package func file(_ checkpoint: Checkpoint) -> URL {
    url.appending(path: checkpoint.rawValue + ".safetensors")
  }

  package func exists(_ checkpoint: Checkpoint) -> Bool {
    fileExists(file(checkpoint))
  }

  /// The folder for the predictions of the validation cases.
  package func validationFolder(named name: String) -> URL { url.appending(path: name) }
}
