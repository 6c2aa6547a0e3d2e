package import HostSystem

/// An image file that cannot be read or written.
package enum ImagingError: ExplainedError, Equatable {
  /// The file itself could not be opened or written.
  case file(FileError)
  /// The file is not a NIfTI file.
  case notNIfTI(path: String, reason: String)
  /// The file does not have the format that its name indicates.
  case wrongFormat(path: String, format: String, reason: String)
  /// The name does not end like that of an image.
  case unknownEnding(path: String)
  /// The file is valid, but of an unsupported kind.
  case unsupported(path: String, feature: String)
  /// A header field has an impossible value.
  case invalidHeader(path: String, field: String, value: String, expected: String)
  /// The file contains fewer voxels than its header states.
  case truncated(path: String, expectedBytes: Int, availableBytes: Int)
  /// The gzip stream is damaged.
  case damagedCompression(path: String, reason: String)
  /// The voxels do not fit into memory.
  case tooLarge(MemoryError)
  /// The image has another number of axes than the task needs.
  case wrongDimensions(path: String, extents: [Int], expected: String)
  /// Neither of the header's two transforms is a rotation with scaling.
  case notOrthogonal(path: String)
  /// The format cannot store the image.
  case cannotHold(path: String, reason: String)
  /// The file has several channels, but one is needed.
  case severalChannels(path: String, count: Int)
  /// A voxel of a segmentation is not a label; the index is x, y, z.
  case invalidLabel(path: String, value: Double, index: [Int])

  package var message: String {
    switch self {
    case .file(let error): error.message
    case .notNIfTI(let path, let reason): "\(path) is not a NIfTI file: \(reason)."
    case .wrongFormat(let path, let format, let reason):
      "\(path) is not a \(format) file: \(reason)."
    case .unknownEnding(let path):
      "\(path) cannot be used: its name does not have the ending of an image."
    case .unsupported(let path, let feature): "\(path) cannot be used: \(feature)."
    case .invalidHeader(let path, let field, let value, let expected):
      "The header of \(path) is damaged: \(field) is \(value), expected \(expected)."
    case .truncated(let path, let expected, let available):
      "\(path) is truncated: its header promises \(expected) bytes, but it "
        + (available < 0 ? "cannot contain that many." : "has \(available).")
    case .damagedCompression(let path, let reason):
      "\(path) is damaged: \(reason)."
    case .tooLarge(let error): error.message
    case .wrongDimensions(let path, let extents, let expected):
      "\(path) has \(extents.count) dimensions "
        + "(\(sizeText(extents))); expected \(expected)."
    case .notOrthogonal(let path):
      "\(path) has sheared axes: its sform is not a rotation and it has no qform."
    case .cannotHold(let path, let reason): "\(path) cannot be written: \(reason)."
    case .severalChannels(let path, let count):
      "\(path) has \(count) channels; expected one."
    case .invalidLabel(let path, let value, let index):
      "\(path) has the value \(value) at voxel \(index) (x, y, z), which is not a label."
    }
  }

  package var hint: String? {
    switch self {
    case .file(let error): error.hint
    case .notNIfTI: "Convert the image to .nii.gz."
    case .wrongFormat: "Give the file the ending of its format, or export it again."
    case .unknownEnding: "The known endings are \(FileEnding.knownList)."
    case .cannotHold: "Choose another file_ending in dataset.json, such as .nii.gz."
    case .severalChannels: "A segmentation has one label for each voxel; save it without colors."
    case .unsupported: "Save the image as a scalar .nii.gz file."
    case .invalidHeader, .truncated, .damagedCompression:
      "Copy or export the file again; it was probably damaged on the way."
    case .tooLarge(let error): error.hint
    case .wrongDimensions: "Save one 3D image per file; nnU-Net reads channels from separate files."
    case .notOrthogonal:
      "Resample the image onto a grid with orthogonal axes, or set its qform."
    case .invalidLabel: "Labels are the integers 0...255; correct or export the segmentation again."
    }
  }
}
