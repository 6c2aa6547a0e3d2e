package import Downloads
import HostSystem

/// A model that cannot be installed or packed.
package enum ModelStoreError: ExplainedError, Equatable {
  /// The archive does not contain models in the layout of the results folder.
  case noModel(archive: String, entry: String)
  /// The archive is empty.
  case emptyArchive(archive: String)
  /// Models that the archive would replace.
  case exists(archive: String, folders: [String])
  /// A model to be packed, or a part of it, is missing.
  case missing(what: String, task: String, path: String, remedy: String)
  /// An archive could not be fetched from any of its addresses.
  case notDownloaded(addresses: [String], reason: DownloadError)
  /// No model in the list has this name.
  case notAvailable(name: String, near: [String], origin: String)
  /// A list of models in an unknown format.
  case unknownIndex(origin: String, format: Int, known: Int)

  package var message: String {
    switch self {
    case .noModel(let archive, let entry):
      "\(archive) contains no nnU-Net model: \(entry.debugDescription) does not begin with "
        + "CONFIGURATION/TASK/TRAINER__PLANS/ or ensembles/TASK/NAME/ (v1), nor with "
        + "DATASET/TRAINER__PLANS__CONFIGURATION/ (v2)."
    case .emptyArchive(let archive): "\(archive) contains no files."
    case .exists(let archive, let folders):
      "\(archive) is not installed because these already exist:"
        + folders.map { "\n  - \($0)" }.joined()
    case .missing(let what, let task, let path, _): "\(task) lacks \(what): \(path)."
    case .notDownloaded(_, let reason): reason.message
    case .notAvailable(let name, _, let origin):
      "The requested pretrained model ('\(name)') is not available in \(origin)."
    case .unknownIndex(let origin, let format, let known):
      "\(origin) has format \(format), but this program knows only format \(known)."
    }
  }

  package var hint: String? {
    switch self {
    case .noModel, .emptyArchive:
      "CONFIGURATION is 2d, 3d_lowres, 3d_fullres or 3d_cascade_fullres; nnUNet_export_model_to_zip "
        + "makes such archives."
    case .exists: "Rename or delete them, or use --force to replace them."
    case .missing(_, _, _, let remedy): remedy
    case .notDownloaded(let addresses, let reason):
      (reason.hint.map { $0 + "\n" } ?? "")
        + "Or open \(addresses.joined(separator: " or ")) in a browser, on another machine if this one"
        + " has no connection, and then: nnUNet_install_pretrained_model_from_zip FILE.zip"
    case .notAvailable(_, let near, _):
      (near.isEmpty ? "" : "Did you mean \(near.joined(separator: " or "))? ")
        + "nnUNet_print_available_pretrained_models lists all models."
    case .unknownIndex: "Use another list, or another version of this program."
    }
  }
}
