public import HostSystem

/// What can go wrong in the tensor engine.
public enum TorchError: ExplainedError, Equatable {
  /// The device or the host has not enough memory.
  case outOfMemory(detail: String)
  /// Shapes, types or devices do not fit together.
  case invalidArgument(operation: String, detail: String)
  /// The operation does not exist on this device or in this build of libtorch.
  case notAvailable(operation: String, detail: String)
  /// Anything else that libtorch reports.
  case failed(operation: String, detail: String)
  /// The library with the tensor engine was not found in any of the folders.
  case engineNotFound(searched: [String])
  /// The library was found but cannot be loaded.
  case engineNotLoadable(path: String, reason: String)
  /// The library belongs to another version of this program.
  case engineOutdated(path: String, version: UInt32, expected: UInt32)
  /// The name of a device that does not exist.
  case unknownDevice(name: String)
  /// A device that this machine, or this build of libtorch, does not have.
  case deviceNotPresent(name: String, present: [String])

  public var message: String {
    switch self {
    case .outOfMemory(let detail): "Out of memory: \(detail)"
    case .invalidArgument(let operation, let detail): "\(operation): \(detail)"
    case .notAvailable(let operation, let detail): "\(operation) is not available here: \(detail)"
    case .failed(let operation, let detail): "\(operation) failed: \(detail)"
    case .engineNotFound(let searched):
      "The tensor engine libNNUNetTorch was not found in \(searched.joined(separator: ", "))."
    case .engineNotLoadable(let path, let reason): "Cannot load \(path): \(reason)"
    case .engineOutdated(let path, let version, let expected):
      "\(path) has interface version \(version), this program needs \(expected)."
    case .unknownDevice(let name): "\"\(name)\" is not a device."
    case .deviceNotPresent(let name, let present):
      "There is no device \(name); this machine has \(present.joined(separator: ", "))."
    }
  }

  public var hint: String? {
    switch self {
    case .outOfMemory:
      "Use a smaller batch or patch, fewer threads, or a device with more memory."
    case .invalidArgument, .failed: nil
    case .notAvailable: "Try another device (--device cpu)."
    case .engineNotFound, .engineOutdated:
      "Build or install the program again; the library belongs beside it or in ../lib/nnunet."
    case .engineNotLoadable:
      "Check that libtorch is where it was when the program was built, or build it again."
    case .unknownDevice: "Use cpu, cuda, cuda:N or mps."
    case .deviceNotPresent:
      "Choose one of those with --device, or install a libtorch build that supports it."
    }
  }
}
