package import Downloads
import HostSystem

/// A model that cannot be installed or packed.
package enum ModelStoreError: ExplainedError, Equatable {
  /// The archive does not hold models as they lie in the results folder.
  case noModel(archive: String, entry: String)
  /// The archive holds nothing.
  case emptyArchive(archive: String)
  /// Models that the archive would replace.
  case exists(archive: String, folders: [String])
  /// A model, or a part of it, that is to be packed is not there.
  case missing(what: String, task: String, path: String, remedy: String)
  /// An archive could not be fetched from any of its addresses.
  case notDownloaded(addresses: [String], reason: DownloadError)
  /// No model of the list has this name.
  case notAvailable(name: String, near: [String], origin: String)
  /// A list of models in a format that is not known.
  case unknownIndex(origin: String, format: Int, known: Int)

  package var message: String {
    switch self {
    case .noModel(let archive, let entry):
      "\(archive) holds no model of nnU-Net: \(entry.debugDescription) does not begin with "
        + "CONFIGURATION/TASK/TRAINER__PLANS/ or ensembles/TASK/NAME/ (v1), nor with "
        + "DATASET/TRAINER__PLANS__CONFIGURATION/ (v2)."
    case .emptyArchive(let archive): "\(archive) holds no files."
    case .exists(let archive, let folders):
      "\(archive) is not installed: these exist already:"
        + folders.map { "\n  - \($0)" }.joined()
    case .missing(let what, let task, let path, _): "\(task) lacks \(what): \(path)."
    case .notDownloaded(_, let reason): reason.message
    case .notAvailable(let name, _, let origin):
      "The requested pretrained model ('\(name)') is not available in \(origin)."
    case .unknownIndex(let origin, let format, let known):
      "\(origin) has the format \(format), but this program knows format \(known)."
    }
  }

  package var hint: String? {
    switch self {
    case .noModel, .emptyArchive:
      "CONFIGURATION is 2d, 3d_lowres, 3d_fullres or 3d_cascade_fullres; nnUNet_export_model_to_zip "
        + "makes such archives."
    case .exists: "Rename or delete them, or replace them with --force."
    case .missing(_, _, _, let remedy): remedy
    case .notDownloaded(let addresses, let reason):
      (reason.hint.map { $0 + "\n" } ?? "")
        + "Or open \(addresses.joined(separator: " or ")) in a browser, on another machine if this one"
        + " has no connection, and then: nnUNet_install_pretrained_model_from_zip FILE.zip"
    case .notAvailable(_, let near, _):
      (near.isEmpty ? "" : "Did you mean \(near.joined(separator: " or "))? ")
        + "nnUNet_print_available_pretrained_models lists all."
    case .unknownIndex: "Use another list, or another version of this program."
    }
  }
}
