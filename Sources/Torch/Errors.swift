public import HostSystem

/// Errors of the tensor engine.
public enum TorchError: ExplainedError, Equatable {
  /// The device or the host does not have enough memory.
  case outOfMemory(detail: String)
  /// Shapes, types or devices do not fit together.
  case invalidArgument(operation: String, detail: String)
  /// The operation does not exist on this device or in this build of libtorch.
  case notAvailable(operation: String, detail: String)
  /// Anything else that libtorch reports.
  case failed(operation: String, detail: String)
  /// The library with the tensor engine was not found in any of the folders.
  case engineNotFound(searched: [String])
  /// `ulimit -v` leaves too little for libtorch.
  case addressSpaceTooSmall(left: Int, needed: Int)
  /// The library was found but cannot be loaded; the remedy is a command, for a program from a package.
  case engineNotLoadable(path: String, reason: String, remedy: String?)
  /// A package's program has no torch next to it.
  case torchNotInstalled(folder: String, supported: TorchRange)
  /// The torch next to a package's program has a version that the package has no engine for.
  case torchNotSupported(version: String, folder: String, supported: TorchRange)
  /// The library belongs to another version of this program.
  case engineOutdated(path: String, version: UInt32, expected: UInt32)
  /// `NNUNET_CPU` names a processor level that the program does not know.
  case unknownProcessorLevel(name: String)
  /// The name of a device that does not exist.
  case unknownDevice(name: String)
  /// A device that this machine, or this build of libtorch, does not have.
  case deviceNotPresent(name: String, present: [String])
  /// CUDA was requested, but libtorch cannot use it.
  case cudaNotUsable(reason: String, present: [String])

  /// The problem, in libtorch's own words if it found the error.
  public var message: String {
    switch self {
    case .outOfMemory(let detail): "Out of memory: \(detail)"
    case .invalidArgument(let operation, let detail): "\(operation): \(detail)"
    case .notAvailable(let operation, let detail): "\(operation) is not available here: \(detail)"
    case .failed(let operation, let detail): "\(operation) failed: \(detail)"
    case .engineNotFound(let searched):
      "The tensor engine libNNUNetTorch was not found in \(searched.joined(separator: ", "))."
    case .addressSpaceTooSmall(let left, let needed):
      "libtorch needs \(needed >> 20) MB of address space to start, but `ulimit -v` leaves \(left >> 20)."
    case .engineNotLoadable(let path, let reason, _): "Cannot load \(path): \(reason)"
    case .torchNotInstalled(let folder, _):
      "There is no torch in \(folder), but the program needs it."
    case .torchNotSupported(let version, let folder, let supported):
      "torch \(version) in \(folder) is not supported; this package supports \(supported)."
    case .engineOutdated(let path, let version, let expected):
      "\(path) has interface version \(version), but this program needs \(expected)."
    case .unknownProcessorLevel(let name):
      "NNUNET_CPU is \"\(name)\", which is not a known kind of processor."
    case .unknownDevice(let name): "\"\(name)\" is not a device."
    case .deviceNotPresent(let name, let present):
      "There is no device \(name); this machine has \(present.joined(separator: ", "))."
    case .cudaNotUsable(let reason, let present):
      "There is no device cuda: \(reason). This machine has \(present.joined(separator: ", "))."
    }
  }

  /// What the user can do about it; nil for programming errors.
  public var hint: String? {
    switch self {
    case .outOfMemory:
      "Use a smaller batch or patch, fewer threads, or a device with more memory."
    case .addressSpaceTooSmall:
      "Raise the limit (ulimit -v unlimited), or limit the memory in another way, as batch systems do."
    case .invalidArgument, .failed: nil
    case .notAvailable: "Try another device (--device cpu)."
    case .engineNotFound, .engineOutdated:
      "Build or install the program again; the library belongs next to it or in ../lib/nnunet."
    case .engineNotLoadable(_, _, let remedy):
      if let remedy {
        "The torch of this environment is damaged or incomplete. Install it again: \(remedy)"
      } else {
        "Check that libtorch was not moved since the program was built, or build it again: make"
      }
    case .torchNotInstalled(_, let supported), .torchNotSupported(_, _, let supported):
      "In the same environment:  \(supported.installCommand)"
    case .unknownProcessorLevel:
      "Set it to avx2, to run as on a processor without AVX-512, or unset it."
    case .unknownDevice: "Use cpu, cuda, cuda:N or mps."
    case .deviceNotPresent:
      "Choose one of those with --device, or install a libtorch build that supports it."
    case .cudaNotUsable:
      "Choose one of those with --device; nnUNet_doctor explains what CUDA needs."
    }
  }
}
