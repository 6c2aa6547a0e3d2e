import HostSystem

/// A file of Python's nnU-Net that cannot be taken over.
package enum ExchangeError: ExplainedError, Equatable {
  /// The bytes are no pickle, or one that ends too early; `offset` counts from the file's start.
  case damagedPickle(path: String, offset: Int, reason: String)
  /// The pickle asks for a Python function or class that is not on the list of harmless ones.
  case forbiddenGlobal(path: String, name: String)
  case damagedTorchFile(path: String, reason: String)
  /// The content is intact but not what nnU-Net writes.
  case unexpectedContent(path: String, key: String, problem: String)
  case unknownTrainer(path: String, trainer: String)
  case unsupportedNetwork(path: String, detail: String)
  /// A model of ours is such as nnU-Net v1 cannot have.
  case unknownToV1(model: String, detail: String)
  /// A model of ours is such as nnU-Net v2 cannot have.
  case unknownToV2(model: String, detail: String)

  package var message: String {
    switch self {
    case .damagedPickle(let path, let offset, let reason):
      "\(path) is no readable pickle: \(reason) at byte \(offset)."
    case .forbiddenGlobal(let path, let name):
      "\(path) is refused because it asks for \(name); nothing of it was executed."
    case .damagedTorchFile(let path, let reason): "\(path) is no readable PyTorch file: \(reason)."
    case .unexpectedContent(let path, let key, let problem):
      "\(path) has an unexpected value under \"\(key)\": \(problem)."
    case .unknownTrainer(let path, let trainer):
      "\(path) was trained by \(trainer), whose network is not known here."
    case .unsupportedNetwork(let path, let detail): "\(path) cannot be run: \(detail)."
    case .unknownToV1(let model, let detail):
      "\(model) cannot be written for nnU-Net v1: \(detail)."
    case .unknownToV2(let model, let detail):
      "\(model) cannot be written for nnU-Net v2: \(detail)."
    }
  }

  package var hint: String? {
    switch self {
    case .damagedPickle, .damagedTorchFile:
      "Was the file copied completely? Copy it again or install the model again."
    case .forbiddenGlobal:
      "Pickles may run any program when Python loads them; only data is read here. If you trust "
        + "the file, load it with Python and save it again without this object."
    case .unexpectedContent: "Was the file written by nnU-Net?"
    case .unknownToV1:
      "v1 has its own networks, preprocessors and normalizations alone; a model with v2's network is for "
        + "nnUNet_export_model_to_v2."
    case .unknownToV2:
      "Plan with -pl3d ExperimentPlanner3D_v21_forV2 -pl2d ExperimentPlanner2D_v21_forV2 and train "
        + "with nnUNetTrainerV2_PlainConvUNet -p nnUNetPlans_forV2; for v1, use "
        + "nnUNet_export_model_to_v1."
    case .unknownTrainer, .unsupportedNetwork: "Run this model with the Python nnU-Net."
    }
  }
}
