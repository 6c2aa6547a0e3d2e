package import Foundation
import HostSystem
import ModelExchange
import Plans

/// Identifies a training of a fold, so that results from one training are not applied to the
/// predictions of the next.
package enum FoldMark {
  /// These many bytes of a checkpoint's beginning, with the training's settings, and of its end,
  /// with weights (or their checksums in a file of v1), distinguish trainings.
  private static let length = 1 << 16

  /// Reads the mark of the final checkpoint of a fold.
  ///
  /// - Parameters:
  ///   - fold: The fold's number.
  ///   - model: The model's folder.
  /// - Returns: The mark; nil if there is no such checkpoint.
  /// - Throws: `FileError.cannotRead(path:reason:)`.
  package static func read(ofFold fold: Int, in model: URL) throws -> String? {
    try read(in: model.appending(path: Fold.number(fold).folderName))
  }

  /// The mark of the final checkpoint in a fold's folder; nil if there is none.
  package static func read(in fold: URL) throws -> String? {
    let name = fold.appending(path: "model_final_checkpoint")
    let files = ["safetensors", V1Model.checkpointExtension].map(name.appendingPathExtension)
    guard let file = files.first(where: fileExists) else { return nil }
    do {
      let handle = try FileHandle(forReadingFrom: file)
      defer { try? handle.close() }
      let size = try handle.seekToEnd()
      var checksum = ContentChecksum()
      checksum.add("\(size)")
      for offset in [0, size - min(size, UInt64(length))] {
        try handle.seek(toOffset: offset)
        (try handle.read(upToCount: length) ?? Data()).withUnsafeBytes { checksum.add($0) }
      }
      return checksum.text
    } catch {
      throw FileError.cannotRead(path: file.path, reason: (error as NSError).localizedDescription)
    }
  }

  /// Compares the marks of folds with stored ones.
  ///
  /// - Parameter kept: The stored marks, by the folder of the fold.
  /// - Returns: The folders whose checkpoints have changed, sorted. A fold without a checkpoint
  ///   predicts nothing and is not included.
  /// - Throws: `FileError.cannotRead(path:reason:)`.
  package static func changed(since kept: [(fold: URL, mark: String)]) throws -> [URL] {
    try kept.filter { entry in try read(in: entry.fold).map { $0 != entry.mark } ?? false }
      .map(\.fold).sorted { $0.path < $1.path }
  }
}
