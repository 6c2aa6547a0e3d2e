import HostSystem

/// An array file that cannot be used.
package enum NPYError: ExplainedError, Equatable {
  /// The file does not begin like a `.npy` file.
  case notAnArray(path: String, reason: String)
  /// The file is valid but contains something that is not supported here.
  case unsupported(path: String, feature: String)
  /// The elements have another type than the reader expects.
  case wrongScalar(path: String, found: String, expected: String)
  /// The header states another number of bytes than the file has.
  case wrongSize(path: String, shape: [Int], expectedBytes: Int, foundBytes: Int)

  package var message: String {
    switch self {
    case .notAnArray(let path, let reason): "\(path) is not a NumPy array file: \(reason)."
    case .unsupported(let path, let feature): "\(path) cannot be used: \(feature)."
    case .wrongScalar(let path, let found, let expected):
      "\(path) contains elements of type \(found), but \(expected) is expected."
    case .wrongSize(let path, let shape, let expected, let found):
      "\(path) is damaged: its shape \(shape) needs \(expected) bytes of elements, but it has \(found)."
    }
  }

  package var hint: String? {
    switch self {
    case .notAnArray: "The file may be damaged or of a different kind; write it again."
    case .unsupported:
      "Save it with numpy.save as a plain, little-endian array in C order."
    case .wrongScalar(_, _, let expected):
      "Save it with numpy.save after .astype('\(expected.dropFirst())')."
    case .wrongSize:
      "The file was probably truncated when it was written or copied; create it again."
    }
  }
}
