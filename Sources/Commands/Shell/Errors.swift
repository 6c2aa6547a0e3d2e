import HostSystem

/// A command line that the program does not understand.
enum CommandLineError: ExplainedError, Equatable {
  case unknownCommand(String, near: [String])
  case ambiguousOption(String, candidates: [String])
  case invalidVariable(name: String, value: String, expected: String)
  /// What a package adds to the program cannot be used.
  case invalidExtensions([String])
  /// There are no variables of a launcher.
  case noRank

  var message: String {
    switch self {
    case .unknownCommand(let name, _): "There is no command '\(name)'."
    case .ambiguousOption(let option, _): "'\(option)' is the beginning of several options."
    case .invalidVariable(let name, let value, let expected):
      "The environment variable \(name) is '\(value)', but must be \(expected)."
    case .invalidExtensions(let problems): problems.joined(separator: "\n")
    case .noRank: "--devices ranks: no launcher has assigned a rank to this process."
    }
  }

  var hint: String? {
    switch self {
    case .unknownCommand(_, let near) where near.isEmpty:
      "Run 'nnunet' for a list of all commands."
    case .unknownCommand(_, let near):
      "Did you mean \(near.joined(separator: " or "))? Run 'nnunet' for a list of all commands."
    case .ambiguousOption(_, let candidates):
      "Write one of \(candidates.joined(separator: ", "))."
    case .invalidVariable(let name, _, _): "Set it to a valid value, or unset it: unset \(name)"
    case .invalidExtensions: "Choose other names when the program registers them."
    case .noRank:
      "Start it with torchrun, mpirun or srun, which set RANK and WORLD_SIZE or similar variables."
    }
  }
}
