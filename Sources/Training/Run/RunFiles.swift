import Charts
import Foundation
import HostSystem
import JSON
import Networks
import Plans

/// The files with which a user can follow a training: pictures, settings and TensorBoard's events.
///
/// Write errors are reported; a training does not end because of a missing picture.
struct RunFiles: Sendable {
  let setup: TrainingSetup
  /// Receives the curves if the user wants it.
  var tensorBoard: TensorBoardFile?

  private var folder: URL { setup.foldFolder.url }

  /// Writes what is known before the first epoch: `debug.json` and `network_architecture.pdf`.
  func writeSettings(
    parameterCount: Int, reportingTo log: some Reporter
  ) {
    attempt(log) {
      try JSONFile.write(DebugInformation(setup), to: folder.appending(path: "debug.json"))
    }
    attempt(log) {
      let drawing = setup.architectureDrawing(parameterCount: parameterCount)
      try AtomicFile.write(
        drawing.pdf(), to: folder.appending(path: "network_architecture.pdf"))
    }
  }

  /// Draws `progress.png` again and appends to the events.
  func finishEpoch(
    _ record: EpochRecord, progress: TrainingProgress,
    reportingTo log: some Reporter
  ) {
    attempt(log) {
      var chart = ProgressChart(
        title: setup.pictureTitle + ": loss and Dice by epoch",
        trainingLosses: progress.trainingLosses, validationLosses: progress.validationLosses,
        foregroundDice: progress.foregroundDice)
      chart.averageDice = progress.averageDiceCurve
      try AtomicFile.write(chart.png(), to: folder.appending(path: "progress.png"))
    }
    attempt(log) {
      try tensorBoard?.append(
        record.scalars(meanDice: OnlineEvaluation.mean(record.dice)), step: record.epoch,
        at: Date().timeIntervalSince1970)
    }
  }

  private func attempt(
    _ log: some Reporter, _ body: () throws -> Void
  ) {
    do {
      try body()
    } catch {
      log.warn("\(explanation(of: error)) The training continues.")
    }
  }
}

extension EpochRecord {
  /// The values by their tags in TensorBoard.
  fileprivate func scalars(meanDice: Double) -> [(tag: String, value: Double)] {
    [("loss/train", trainingLoss), ("loss/validation", validationLoss), ("dice/mean", meanDice)]
      + dice.enumerated().map { ("dice/class_\($0 + 1)", $1) }
      + [
        ("learning_rate", learningRate), ("epoch/seconds", seconds),
        ("epoch/seconds_waiting_for_batches", secondsWaited),
      ]
  }
}

extension TrainingProgress {
  /// The moving average of the Dice after each epoch.
  var averageDiceCurve: [Double] {
    var replay = TrainingProgress()
    return foregroundDice.indices.map { epoch in
      _ = replay.finishEpoch(
        trainingLoss: trainingLosses[epoch], validationLoss: validationLosses[epoch],
        foregroundDice: foregroundDice[epoch] ?? .nan)
      return replay.averageDice ?? .nan
    }
  }
}

extension TrainingSetup {
  /// The beginning of the titles of all pictures of a fold.
  var pictureTitle: String { "\(task), \(configuration.rawValue), \(fold.folderName)" }

  /// The network as a picture.
  func architectureDrawing(parameterCount: Int) -> ArchitectureDrawing {
    let network = network
    let depth = network.poolStrides.count
    var size = stagePlan.patchSize
    let supervised = recipe.usesDeepSupervision ? max(depth - 1, 1) : 1
    var stages: [ArchitectureDrawing.Stage] = []
    for level in 0...depth {
      let stride = level > 0 ? network.poolStrides[level - 1] : nil
      if let stride { size = zip(size, stride).map { $0 / $1 } }
      stages.append(
        .init(
          size: size, features: network.features(atDepth: level),
          encoderKernel: network.encoderKernels[level],
          decoderKernel: level < depth ? network.decoderKernel(atDepth: level) : nil,
          stride: stride,
          hasLoss: level < supervised))
    }
    return ArchitectureDrawing(
      title: pictureTitle + ": network",
      remarks: [
        "\(recipe.name), \(NumberText.grouped(parameterCount)) parameters, batches of \(batchSize)",
        "strides are those of the first convolution of a stage",
      ],
      inputChannels: network.inputChannels, outputChannels: network.outputChannels,
      block: network.blockDescription, stages: stages)
  }
}

extension NetworkArchitecture {
  /// The repeated part of a stage.
  fileprivate var blockDescription: String {
    switch self {
    case .genericUNet(let configuration):
      let (norm, activation) = (
        configuration.normalization.words, configuration.nonlinearity.words
      )
      let count = configuration.convolutionsPerStage
      // Filter response normalization has a threshold instead of a nonlinearity.
      guard configuration.normalization != .filterResponse else {
        return "\(count) × (convolution, \(norm))"
      }
      let parts =
        configuration.normalizesAfterNonlinearity ? [activation, norm] : [norm, activation]
      return "\(count) × (convolution, \(parts.joined(separator: ", ")))"
    case .dynamicUNet(let configuration):
      let blocks = configuration.encoderBlocks.map(String.init).joined(separator: ", ")
      let kind = configuration.encoder == .plain ? "" : "residual blocks of "
      return "\(blocks) × \(kind)(convolution, \(configuration.normalization.words), "
        + "\(configuration.nonlinearity.words))"
    }
  }
}

extension FeatureNormalization {
  /// Its readable name.
  fileprivate var words: String {
    switch self {
    case .instance: "instance norm"
    case .batch: "batch norm"
    case .group(let count): "group norm (\(countText(count, "group")))"
    case .filterResponse: "filter response norm"
    default: "\(self) norm"
    }
  }
}

extension Nonlinearity {
  /// Its readable name.
  fileprivate var words: String {
    switch self {
    case .leakyReLU: "leaky ReLU"
    case .relu: "ReLU"
    case .gelu: "GELU"
    case .mish: "Mish"
    }
  }
}
