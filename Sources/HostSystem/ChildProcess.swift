package import Foundation

/// A program that was started and may still be running.
///
/// Foundation's `Process` is not used: a signal can make it miss its child's end for a minute.
package final class ChildProcess {
  /// How a process ended.
  package enum End: Hashable, Sendable {
    case status(Int32)
    case signal(Int32)
  }

  package let identifier: pid_t
  private var end: End?
  /// Ends the child when this process ends; nil if it may outlive it.
  private let lifeline: Lifeline?

  /// Starts a program in its own process group, so that Ctrl-C in a terminal does not reach it in
  /// addition to the signals that are sent to it.
  ///
  /// - Parameters:
  ///   - program: The program's file.
  ///   - arguments: The arguments after the program's name.
  ///   - environment: Variables in addition to the caller's.
  ///   - endsWithParent: Whether one of our programs ends when this process does, however that
  ///     ends, or when this object goes away; see ``ParentWatch``.
  ///   - output: The file that its standard output and error are appended to; nil for the caller's.
  /// - Throws: ``FileError`` when it cannot be started.
  package init(
    _ program: String, _ arguments: [String], environment: [String: String] = [:],
    endsWithParent: Bool = false, output: URL? = nil
  ) throws(FileError) {
    #if canImport(Darwin)
      var attributes: posix_spawnattr_t?
      var actions: posix_spawn_file_actions_t?
    #else
      var attributes = posix_spawnattr_t()
      var actions = posix_spawn_file_actions_t()
    #endif
    posix_spawnattr_init(&attributes)
    posix_spawn_file_actions_init(&actions)
    defer {
      posix_spawnattr_destroy(&attributes)
      posix_spawn_file_actions_destroy(&actions)
    }
    // The threads that start programs may block signals; programs must receive them.
    var mask = sigset_t()
    sigemptyset(&mask)
    posix_spawnattr_setsigmask(&attributes, &mask)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETPGROUP) | Int16(POSIX_SPAWN_SETSIGMASK))
    if let output {
      posix_spawn_file_actions_addopen(
        &actions, 1, output.path, O_WRONLY | O_CREAT | O_APPEND, 0o666)
      posix_spawn_file_actions_adddup2(&actions, 1, 2)
    }
    let lifeline = endsWithParent ? try Lifeline() : nil
    defer { lifeline?.closeReadingEnd() }
    var variables = ProcessInfo.processInfo.environment.merging(environment) { _, new in new }
    variables[Lifeline.variable] = lifeline?.text
    var argumentList = ([program] + arguments).map { strdup($0) } + [nil]
    var variableList = variables.map { strdup("\($0)=\($1)") } + [nil]
    defer { for text in argumentList + variableList { free(text) } }
    var started: pid_t = 0
    let code = posix_spawn(
      &started, program, &actions, &attributes, &argumentList, &variableList)
    guard code == 0 else {
      throw .cannotRead(
        path: program, reason: "it cannot be started: \(String(cString: strerror(code)))")
    }
    identifier = started
    self.lifeline = lifeline
  }

  /// How it ended; nil while it runs.
  package func poll() -> End? {
    guard end == nil else { return end }
    var status: Int32 = 0
    guard waitpid(identifier, &status, WNOHANG) == identifier else { return nil }
    let signal = status & 0x7f
    end = signal == 0 ? .status((status >> 8) & 0xff) : .signal(signal)
    return end
  }

  /// Sends a signal, unless it has ended.
  package func send(_ signal: Int32) {
    if poll() == nil { kill(identifier, signal) }
  }
}
