import HostSystem

/// A file of the Python nnU-Net that cannot be used.
package enum ExchangeError: ExplainedError, Equatable {
  /// The bytes are not a pickle, or the pickle ends too early; `offset` counts from the file's start.
  case damagedPickle(path: String, offset: Int, reason: String)
  /// The pickle asks for a Python function or class that is not on the list of harmless ones.
  case forbiddenGlobal(path: String, name: String)
  case damagedTorchFile(path: String, reason: String)
  /// The content is intact but not what nnU-Net writes.
  case unexpectedContent(path: String, key: String, problem: String)
  case unknownTrainer(path: String, trainer: String)
  case unsupportedNetwork(path: String, detail: String)
  /// nnU-Net v1 cannot represent this model.
  case unknownToV1(model: String, detail: String)
  /// nnU-Net v2 cannot represent this model.
  case unknownToV2(model: String, detail: String)

  package var message: String {
    switch self {
    case .damagedPickle(let path, let offset, let reason):
      "\(path) is not a readable pickle: \(reason) at byte \(offset)."
    case .forbiddenGlobal(let path, let name):
      "\(path) is refused because it asks for \(name); nothing in it was executed."
    case .damagedTorchFile(let path, let reason):
      "\(path) is not a readable PyTorch file: \(reason)."
    case .unexpectedContent(let path, let key, let problem):
      "\(path) has an unexpected value for \"\(key)\": \(problem)."
    case .unknownTrainer(let path, let trainer):
      "\(path) was trained by \(trainer), whose network this program does not know."
    case .unsupportedNetwork(let path, let detail): "\(path) cannot be run: \(detail)."
    case .unknownToV1(let model, let detail):
      "\(model) cannot be exported for nnU-Net v1: \(detail)."
    case .unknownToV2(let model, let detail):
      "\(model) cannot be exported for nnU-Net v2: \(detail)."
    }
  }

  package var hint: String? {
    switch self {
    case .damagedPickle, .damagedTorchFile:
      "The file may be incomplete. Copy it again or install the model again."
    case .forbiddenGlobal:
      "A pickle can run any code when Python loads it; this program reads only data. If you trust "
        + "the file, load it with Python and save it again without this object."
    case .unexpectedContent: "Was the file written by nnU-Net?"
    case .unknownToV1:
      "v1 has only its own networks, preprocessors and normalizations; for a model with v2's network, use "
        + "nnUNet_export_model_to_v2."
    case .unknownToV2:
      "Plan with -pl3d ExperimentPlanner3D_v21_forV2 -pl2d ExperimentPlanner2D_v21_forV2 and train "
        + "with nnUNetTrainerV2_PlainConvUNet -p nnUNetPlans_forV2; for v1, use "
        + "nnUNet_export_model_to_v1."
    case .unknownTrainer, .unsupportedNetwork: "Run this model with the Python nnU-Net."
    }
  }
}
