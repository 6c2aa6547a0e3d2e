package import Foundation
import HostSystem
import Plans

extension V1Model {
  /// Gives the checkpoints of a model of v1 another trainer's name.
  ///
  /// Only the text under the key `name` of each `.model.pkl` changes; all other bytes are kept. All
  /// files are read and changed in memory before the first is written.
  ///
  /// - Parameters:
  ///   - folder: The model's folder, which contains the folds.
  ///   - trainer: The new class name.
  /// - Returns: The files that were changed.
  /// - Throws: ``ExchangeError`` naming a file whose trainer cannot be changed, or the folder if it
  ///   contains no checkpoint of v1.
  package static func changeTrainer(inFolder folder: URL, to trainer: String) throws -> [URL] {
    let files = FileManager.default
    let folds = ((try? folderNames(in: folder)) ?? [])
      .filter { Fold(folderName: $0) != nil }
    var changed: [(url: URL, data: Data)] = []
    for fold in folds {
      for name in ["model_best", "model_final_checkpoint"] {
        let checkpoint = folder.appending(path: fold).appending(path: name)
          .appendingPathExtension(checkpointExtension)
        let url = checkpoint.appendingPathExtension("pkl")
        guard files.fileExists(atPath: url.path) else { continue }
        changed.append((url, try renamed(url, checkpoint: checkpoint, to: trainer)))
      }
    }
    guard !changed.isEmpty else {
      throw ExchangeError.unexpectedContent(
        path: folder.path, key: "name",
        problem: "there is no fold with model_best.model.pkl or model_final_checkpoint.model.pkl")
    }
    for (url, data) in changed { try AtomicFile.write(data, to: url) }
    return changed.map(\.url)
  }

  /// The bytes of a `.model.pkl` with another name in it.
  private static func renamed(_ url: URL, checkpoint: URL, to trainer: String) throws -> Data {
    let old = try description(ofCheckpoint: checkpoint).trainer
    let data = try Data(contentsOf: url)
    let file = url.path
    // The key's text, then possibly an instruction that stores it, then the name's text. Frames of
    // protocol 4 state their length, which must change as well.
    let oldText = [UInt8](old.utf8)
    for (opcode, width) in [(UInt8(ascii: "X"), 4), (0x8c, 1)] where oldText.count < 256 {
      let text = pickledText(oldText, opcode, width)
      let places = data.ranges(of: text)
      guard places.count == 1, trainer.utf8.count < 256 else { continue }
      var result = data
      result.replaceSubrange(places[0], with: pickledText([UInt8](trainer.utf8), opcode, width))
      correctFrame(of: &result, at: places[0].lowerBound, by: trainer.utf8.count - oldText.count)
      var position = 0
      let value = try result.withUnsafeBytes {
        try PickleReader.read($0, at: &position, path: file).value
      }
      if value["name"]?.string == trainer, position == result.count { return result }
    }
    throw ExchangeError.unexpectedContent(
      path: file, key: "name", problem: "\(old) cannot be replaced in place")
  }

  private static func pickledText(_ text: [UInt8], _ opcode: UInt8, _ width: Int) -> Data {
    let length = (0..<width).map { UInt8(truncatingIfNeeded: text.count >> (8 * $0)) }
    return Data([opcode] + length + text)
  }

  /// Changes the length of the frame (protocol 4 and later) that contains a position.
  private static func correctFrame(of data: inout Data, at position: Int, by difference: Int) {
    // Frames follow each other, the first one after the two bytes of the protocol.
    var start = 2
    while start + 9 <= data.count, data[start] == 0x95 {
      let length = (0..<8).reduce(0) {
        $0 | Int(truncatingIfNeeded: UInt64(data[start + 1 + $1]) << UInt64(8 * $1))
      }
      guard length >= 0, length < data.count else { return }
      if position < start + 9 + length {
        let corrected = length + difference
        for index in 0..<8 {
          data[start + 1 + index] = UInt8(truncatingIfNeeded: corrected >> (8 * index))
        }
        return
      }
      start += 9 + length
    }
  }
}
