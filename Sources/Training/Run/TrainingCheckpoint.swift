import Arrays
package import Foundation
import HostSystem
package import Networks
package import Plans
package import Torch

/// The state of a training, complete enough to continue as if it had never stopped.
///
/// One safetensors file: the weights under their own names, the momentum under `momentum/…`, and
/// the rest as JSON in the metadata. Inference reads only the weights.
package struct TrainingCheckpoint: Sendable {
  /// Everything but arrays.
  package struct State: Codable, Hashable, Sendable {
    package var progress: TrainingProgress
    package var scaler: LossScaler
    package var seed: UInt64
    package var network: NetworkArchitecture
    package var trainer: String
    package var precision: Precision
    package var momentum: Double
    /// The unfinished epoch, if the checkpoint was made within one.
    package var partialEpoch: PartialEpoch?
    /// How the network is trained.
    package var recipe: TrainingRecipe
    /// Fingerprints of the plans and the split; nil in checkpoints of earlier versions.
    package var origin: OriginFingerprints?
    /// The threads of one operation, on which the order of sums depends; nil for devices other than
    /// the processor, and in checkpoints of earlier versions.
    package var threads: Int?

    package init(
      progress: TrainingProgress, scaler: LossScaler, seed: UInt64, network: NetworkArchitecture,
      trainer: String, precision: Precision, momentum: Double,
      partialEpoch: PartialEpoch? = nil, recipe: TrainingRecipe,
      origin: OriginFingerprints? = nil, threads: Int? = nil
    ) {
      self.progress = progress
      self.scaler = scaler
      self.seed = seed
      self.network = network
      self.trainer = trainer
      self.precision = precision
      self.momentum = momentum
      self.partialEpoch = partialEpoch
      self.recipe = recipe
      self.origin = origin
      self.threads = threads
    }

    /// Why no training can have stored this, in words; nil for a valid state.
    var problem: String? {
      recipe.reasonForRefusal ?? scaler.problem
        ?? partialEpoch.flatMap { $0.problem(outputs: outputs) }
    }

    /// The classes that are counted, the including the background.
    private var outputs: Int {
      recipe.regions.map { $0.count + 1 } ?? network.outputChannels
    }

    /// The learning rates of the finished epochs, as given by the recipe.
    package var learningRates: [Double] {
      progress.trainingLosses.indices.map {
        recipe.learningRate(
          epoch: $0, trainingLosses: Array(progress.trainingLosses.prefix($0)))
      }
    }
  }

  package var state: State
  package var weights: [NamedArray]
  package var momentum: [NamedArray]

  package init(state: State, weights: [NamedArray], momentum: [NamedArray]) {
    self.state = state
    self.weights = weights
    self.momentum = momentum
  }

  private static let momentumPrefix = "momentum/"
  private static let stateKey = "training"
  private static let checksumKey = "checksum"

  /// Writes a temporary file, syncs it and renames it to `url`.
  package func write(to url: URL) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    let text = String(decoding: try encoder.encode(state), as: UTF8.self)
    let momentum = momentum.map {
      NamedArray(name: Self.momentumPrefix + $0.name, array: $0.array)
    }
    let arrays = weights + momentum
    let metadata = [
      Self.stateKey: text, Self.checksumKey: Self.checksum(state: text, arrays: arrays),
    ]
    try SafetensorsFile(metadata: metadata, arrays: arrays).write(to: url)
  }

  /// Covers the state and, by name, every array.
  private static func checksum(state: String, arrays: [NamedArray]) -> String {
    var checksum = ContentChecksum()
    checksum.add(state)
    for entry in arrays.sorted(by: { $0.name < $1.name }) {
      checksum.add(entry.name)
      entry.array.scalars.withUnsafeBytes { checksum.add($0) }
    }
    return checksum.text
  }

  /// Reads a checkpoint.
  ///
  /// - Throws: `CheckpointError`, `FileError`, or ``TrainingError/damagedCheckpoint(path:reason:)``.
  package init(contentsOf url: URL) throws {
    let file = try SafetensorsFile(contentsOf: url)
    guard let text = file.metadata[Self.stateKey] else {
      throw TrainingError.damagedCheckpoint(
        path: url.path, reason: "it holds weights, but no state of a training.")
    }
    // Checkpoints that other programs converted have no checksum.
    if let expected = file.metadata[Self.checksumKey] {
      guard Self.checksum(state: text, arrays: file.arrays) == expected else {
        throw TrainingError.damagedCheckpoint(
          path: url.path, reason: "its content does not match its checksum.")
      }
    }
    state = try Self.state(text, path: url.path)
    weights = file.arrays.filter { !$0.name.begins(with: Self.momentumPrefix) }
    momentum = file.arrays.compactMap { entry in
      entry.name.dropping(prefix: Self.momentumPrefix)
        .map { NamedArray(name: String($0), array: entry.array) }
    }
  }

  /// Reads only the state, without the weights and without checking the checksum.
  ///
  /// - Throws: As ``init(contentsOf:)``.
  package static func state(ofCheckpoint url: URL) throws -> State {
    let file = try SafetensorsFile(contentsOf: url, where: { _ in false })
    guard let text = file.metadata[stateKey] else {
      throw TrainingError.damagedCheckpoint(
        path: url.path, reason: "it holds weights, but no state of a training.")
    }
    return try state(text, path: url.path)
  }

  private static func state(_ text: String, path: String) throws(TrainingError) -> State {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    let state: State
    do {
      state = try decoder.decode(State.self, from: Data(text.utf8))
    } catch {
      throw .damagedCheckpoint(path: path, reason: "the state of the training cannot be read.")
    }
    if let problem = state.problem { throw .damagedCheckpoint(path: path, reason: problem + ".") }
    return state
  }
}
