package import Foundation
import HostSystem
import Networks
import Training

/// The course of one fold's training, one value for each epoch.
package struct FoldTraining: Hashable, Sendable {
  /// `fold_0`, or `all`.
  package var fold: String
  package var trainingLosses: [Double] = []
  package var validationLosses: [Double] = []
  /// The Dice of the validation patches; NaN if no class occurred.
  package var dice: [Double] = []
  /// The seconds of each epoch, by epoch; from the logs.
  package var seconds: [Int: Double] = [:]
  /// Whether there is a final checkpoint.
  package var isFinished = false
  package var device: String?
  package var precision: String?

  package var epochCount: Int { max(trainingLosses.count, validationLosses.count, dice.count) }

  /// The moving average that determines the best checkpoint, with a weight of nine tenths for the
  /// past.
  package var averageDice: [Double] {
    var average: Double?
    return dice.map { value in
      guard !value.isNaN else { return average ?? .nan }
      average = average.map { 0.9 * $0 + 0.1 * value } ?? value
      return average ?? .nan
    }
  }

  /// The median time of an epoch; nil without logs.
  package var medianSeconds: Double? {
    let sorted = seconds.values.sorted()
    return sorted.isEmpty ? nil : sorted[sorted.count / 2]
  }

  /// Reads a fold's folder: the curves in the newest checkpoint, otherwise those in the logs, which
  /// the Python nnU-Net writes in the same format.
  package init(folder: URL) {
    fold = folder.lastPathComponent
    let files = FoldFolder(folder)
    isFinished =
      files.exists(.final)
      || fileExists(folder.appending(path: "model_final_checkpoint.model"))
    let log = LoggedCurves(logs: Self.logs(in: folder))
    seconds = log.seconds
    if let progress = Self.progress(in: files) {
      trainingLosses = progress.trainingLosses
      validationLosses = progress.validationLosses
      dice = progress.foregroundDice.map { $0 ?? .nan }
    } else {
      let count = log.epochCount
      trainingLosses = (0..<count).map { log.trainingLosses[$0] ?? .nan }
      validationLosses = (0..<count).map { log.validationLosses[$0] ?? .nan }
      dice = (0..<count).map { log.dice[$0] ?? .nan }
    }
    readSettings(folder.appending(path: "debug.json"))
  }

  private mutating func readSettings(_ file: URL) {
    struct Settings: Decodable {
      var device: String?
      var precision: String?
    }
    let settings = (try? Data(contentsOf: file)).flatMap {
      try? JSONDecoder().decode(Settings.self, from: $0)
    }
    device = settings?.device
    precision = settings?.precision
  }

  private static func logs(in folder: URL) -> [String] {
    let names = (try? fileNames(in: folder, endingWith: ".txt")) ?? []
    let files = names.filter { $0.begins(with: "training_log_") }
      .map { folder.appending(path: $0) }
    return files.compactMap { file in
      (try? Data(contentsOf: file)).map { String(decoding: $0, as: UTF8.self) }
    }.sorted()
  }

  /// The curves in the checkpoint with the most epochs; the weights are not read.
  private static func progress(in files: FoldFolder) -> TrainingProgress? {
    struct State: Decodable { var progress: TrainingProgress }
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return [FoldFolder.Checkpoint.final, .latest, .previous].compactMap { kind in
      guard files.exists(kind),
        let file = try? SafetensorsFile(contentsOf: files.file(kind), where: { _ in false }),
        let text = file.metadata["training"]
      else { return nil }
      return try? decoder.decode(State.self, from: Data(text.utf8)).progress
    }.max { $0.epoch < $1.epoch }
  }
}

/// The curves in training logs, by epoch; a later log overrides an earlier one.
struct LoggedCurves: Hashable, Sendable {
  var trainingLosses: [Int: Double] = [:]
  var validationLosses: [Int: Double] = [:]
  var dice: [Int: Double] = [:]
  var seconds: [Int: Double] = [:]

  var epochCount: Int {
    ([trainingLosses, validationLosses, dice, seconds].flatMap(\.keys).max() ?? -1) + 1
  }

  /// - Parameter logs: The texts of the logs, which begin with the date and time, oldest first.
  init(logs: [String]) {
    for log in logs {
      var epoch: Int?
      for line in log.lines {
        if let text = Self.text(after: "epoch:", in: line) {
          let number = Int(text.trimmingCharacters(in: .whitespaces))
          epoch = number.flatMap { 0..<TrainingRecipe.largestCount ~= $0 ? $0 : nil } ?? epoch
          continue
        }
        guard let epoch else { continue }
        read(line, epoch: epoch)
      }
    }
  }

  private mutating func read(_ line: Substring, epoch: Int) {
    if let text = Self.text(after: "train loss :", in: line) {
      trainingLosses[epoch] = Self.numbers(text).first
    } else if let text = Self.text(after: "validation loss:", in: line) {
      validationLosses[epoch] = Self.numbers(text).first
    } else if let text = Self.text(after: "Average global foreground Dice:", in: line) {
      let values = Self.numbers(text).filter { !$0.isNaN }
      if !values.isEmpty { dice[epoch] = values.reduce(0, +) / Double(values.count) }
    } else if let text = Self.text(after: "This epoch took", in: line) {
      seconds[epoch] = Self.numbers(text).first
    }
  }

  private static func text(after mark: String, in line: Substring) -> String? {
    line.parts(at: mark, maxSplits: 1, omittingEmpty: false).dropFirst().first.map(String.init)
  }

  /// The numbers in a text, including those that NumPy prints as `np.float64(0.5)`.
  private static func numbers(_ text: String) -> [Double] {
    text.substituting("np.float64", with: "").substituting(
      "np.float32", with: ""
    ).unicodeScalars
      .split { !($0.isASCIIDigit || "+-.einfa".unicodeScalars.contains($0)) }
      .compactMap { Double(Substring($0)) }
  }
}
