package import Foundation
import HostSystem
import JSON
package import Networks
package import Plans

/// The files of a model that the Python nnU-Net v1 trained.
package enum V1Model {
  /// The name of the file with the plans.
  package static let plansFile = "plans.pkl"
  /// The extension of checkpoints; the `.model.pkl` next to one describes how it was trained.
  package static let checkpointExtension = "model"

  /// Reads v1's plans.
  ///
  /// - Throws: ``ExchangeError``, `FileError`, or `JSONError` naming what is not valid.
  package static func plans(contentsOf url: URL) throws -> ExperimentPlans {
    let value = try pickle(contentsOf: url)
    return try plans(value, path: url.path)
  }

  static func plans(_ value: PickleValue, path: String) throws -> ExperimentPlans {
    guard value.entries != nil else {
      throw ExchangeError.unexpectedContent(path: path, key: "", problem: "it is not a dictionary")
    }
    // The folder and the files of the machine that made the plans are of no use.
    let text = try value.json(
      path: path, without: ["list_of_npz_files", "preprocessed_data_folder"])
    return try JSONFile.decode(ExperimentPlans.self, from: text, path: path)
  }

  /// Reads a checkpoint's `.model.pkl`.
  package static func description(ofCheckpoint url: URL) throws -> CheckpointDescription {
    let file = url.appendingPathExtension("pkl")
    let value = try pickle(contentsOf: file)
    guard let name = value["name"]?.string else {
      throw ExchangeError.unexpectedContent(
        path: file.path, key: "name", problem: "a trainer's name was expected")
    }
    guard let plans = value["plans"] else {
      throw ExchangeError.unexpectedContent(
        path: file.path, key: "plans", problem: "there are none")
    }
    return CheckpointDescription(
      trainer: name, plans: try Self.plans(plans, path: file.path))
  }

  /// The file next to a checkpoint.
  package struct CheckpointDescription: Sendable {
    /// The trainer's class, such as `nnUNetTrainerV2`.
    package var trainer: String
    package var plans: ExperimentPlans
  }

  /// The trainer of a model, according to the first checkpoint found in its folds.
  ///
  /// - Returns: Nil if the folder has no checkpoint of v1.
  /// - Throws: ``ExchangeError/unknownTrainer(path:trainer:)`` if its network is not known.
  package static func trainer(ofModel folder: URL) throws -> V1Trainer? {
    for fold in (try? folderNames(in: folder)) ?? []
    where Fold(folderName: fold) != nil {
      let place = folder.appending(path: fold)
      if let file = checkpoints(inFold: place).first {
        return try trainer(ofCheckpoint: place.appending(path: file))
      }
    }
    return nil
  }

  /// The names of v1's checkpoints in the folder of a fold, sorted.
  package static func checkpoints(inFold folder: URL) -> [String] {
    (try? fileNames(in: folder, endingWith: "." + checkpointExtension)) ?? []
  }

  /// The trainer of a checkpoint.
  static func trainer(ofCheckpoint url: URL) throws -> V1Trainer {
    let name = try description(ofCheckpoint: url).trainer
    guard let trainer = V1Trainer(named: name) else {
      throw ExchangeError.unknownTrainer(path: url.path, trainer: name)
    }
    return trainer
  }

  /// Reads the weights of a checkpoint, in its order.
  ///
  /// Weights alone do not show which activations a network has or what its outputs mean, so the
  /// trainer must be one whose network is known. Without a `.model.pkl`, it is unknown, as in v1.
  /// Prefixes that PyTorch's data-parallel wrappers add to names are removed.
  ///
  /// - Parameters:
  ///   - url: The `.model` file.
  ///   - expected: The trainer of the model that the checkpoint belongs to; nil for any.
  /// - Returns: The weights, without the second names that v1's residual encoders give to theirs.
  /// - Throws: ``ExchangeError`` for an unknown or unexpected trainer and for damaged files, and
  ///   `FileError` for missing ones.
  package static func weights(
    contentsOf url: URL, of expected: V1Trainer? = nil
  ) throws -> [NamedArray] {
    let trainer = try trainer(ofCheckpoint: url)
    guard expected == nil || trainer == expected else {
      throw ExchangeError.unsupportedNetwork(
        path: url.path, detail: "its trainer's network differs from that of the other folds")
    }
    // The residual encoder's blocks also name their layers as parts of a sequence.
    return try stateDictionary(contentsOf: url).filter {
      !trainer.isResidual || !$0.name.holds(".all.")
    }
  }

  /// Reads the tensors of a checkpoint, whatever its network.
  static func stateDictionary(contentsOf url: URL) throws -> [NamedArray] {
    let file = try TorchFile(contentsOf: url)
    guard let state = file.value["state_dict"] else {
      throw ExchangeError.unexpectedContent(
        path: url.path, key: "state_dict", problem: "a checkpoint's weights were expected")
    }
    return try file.arrays(of: state).map { name, array in
      NamedArray(
        name: String(name.dropping(prefix: "module.") ?? name[...]), array: array)
    }
  }

  /// Reads a pickle of one object.
  package static func pickle(contentsOf url: URL) throws -> PickleValue {
    let file = try MappedFile(at: url)
    let value = try withExtendedLifetime(file) {
      var position = 0
      return try PickleReader.read(file.bytes, at: &position, path: url.path).value
    }
    try file.requireWhole()
    return value
  }
}
