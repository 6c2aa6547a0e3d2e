import Foundation
import HostSystem

/// This program, called again with another command.
enum ChildProgram {
  /// Runs a command in a separate process and waits for it.
  ///
  /// SIGINT, SIGTERM and SIGUSR1 are forwarded, so that a training can save a checkpoint.
  ///
  /// - Throws: ``RunError`` if it fails or is interrupted.
  static func run(_ command: [String]) throws {
    let relay = SignalRelay()
    let child = try ChildProcess(executable(), command, endsWithParent: true)
    let line = command.joined(separator: " ")
    var wasAsked = false
    while true {
      if let signal = relay.take() {
        child.send(signal)
        wasAsked = wasAsked || signal != SIGUSR1
      }
      switch child.poll() {
      case nil: usleep(20_000)
      case .signal(let number): throw RunError.commandKilled(line, signal: number)
      case .status where wasAsked: throw RunError.interrupted(line)
      case .status(0): return
      case .status(let status): throw RunError.commandFailed(line, status: status)
      }
    }
  }

  /// The file of the running program, not a link that it was called by.
  static func executable() throws -> String {
    #if os(Linux)
      return try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    #else
      return Bundle.main.executablePath ?? CommandLine.arguments[0]
    #endif
  }
}
