import Foundation
import HostSystem
package import ModelExchange
import Plans

/// The origin of a model, with the information that only models of this origin have.
package enum ModelSource: Sendable {
  /// Trained by this program; early versions wrote no settings.
  case own(ModelSettings?)
  /// Trained by the Python nnU-Net v1, with its trainer.
  case v1(V1Trainer)
  /// Trained by the Python nnU-Net v2.
  case v2(V2Model)

  /// Reads the source of a model whose folder has our plans or v1's.
  init(ofPlansIn folder: URL) throws {
    if let settings = try ModelSettings.read(from: folder) {
      self = .own(settings)
    } else if let trainer = try V1Model.trainer(ofModel: folder) {
      self = .v1(trainer)
    } else {
      self = .own(nil)
    }
  }

  /// For outputs that are regions, the labels that they become; nil for labels.
  var regionsClassOrder: [Int]? {
    switch self {
    case .own(let settings): settings?.regionsClassOrder
    case .v1(let trainer): trainer.regionsClassOrder
    case .v2(let model): model.dataset.scheme.regionsClassOrder
    }
  }

  /// The file names of the checkpoint `name`, with or without its extension.
  func checkpointFiles(named name: String) -> CheckpointFiles {
    switch self {
    case .own, .v1:
      let stem = name.dropping(suffix: ".safetensors").map(String.init) ?? name
      return CheckpointFiles(
        names: [stem + ".safetensors", stem + "." + V1Model.checkpointExtension],
        folderOfAllCases: "all")
    case .v2:
      // The default of the command is v1's name.
      let stem = name == "model_final_checkpoint" ? V2Model.finalCheckpoint : name
      let suffix = "." + V2Model.checkpointExtension
      return CheckpointFiles(
        names: [stem.ends(with: suffix) ? stem : stem + suffix], folderOfAllCases: "fold_all")
    }
  }
}

/// The name of a checkpoint's file in the folder of a fold.
struct CheckpointFiles {
  /// The names in order of preference.
  var names: [String]
  /// The folder of the network that was trained on all cases.
  var folderOfAllCases: String

  /// The name in errors.
  var name: String { names[0] }

  /// The first existing file; the preferred one if none exists.
  func file(in fold: URL) -> URL {
    let files = names.map { fold.appending(path: $0) }
    return files.first(where: fileExists) ?? files[0]
  }
}
