import Foundation

/// The command line program: all `nnUNet_*` commands.
public struct NNUNetProgram: Sendable {
  /// Creates the program as it is shipped.
  public init() {}

  /// Runs the command that the arguments name and ends the process with its status.
  ///
  /// - Parameter arguments: As a program gets them, its own name first.
  public func main(arguments: [String] = CommandLine.arguments) -> Never {
    // A reader that has gone away is no reason to end.
    signal(SIGPIPE, SIG_IGN)
    exit(Shell(arguments: arguments, commands: .all).run())
  }
}
