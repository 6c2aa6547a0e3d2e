/// A file that could not be read or written.
package enum FileError: ExplainedError, Equatable {
  case cannotRead(path: String, reason: String)
  case cannotWrite(path: String, reason: String)

  package var message: String {
    switch self {
    case .cannotRead(let path, let reason): "Cannot read \(path): \(reason)."
    case .cannotWrite(let path, let reason): "Cannot write \(path): \(reason)."
    }
  }

  package var hint: String? {
    switch self {
    case .cannotRead: "Check that the file exists and that you have permission to read it."
    case .cannotWrite:
      "Check that the folder exists, that you have permission to write to it and that the disk is not full."
    }
  }
}
