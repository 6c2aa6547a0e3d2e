import Foundation
import Synchronization

/// The process that signals are handed on to, and the last signal; 0 for none.
///
/// Global, because a signal handler reaches nothing else.
private let runningChild = Atomic<Int32>(0)
private let lastSignal = Atomic<Int32>(0)

/// This program, called again with another command.
enum ChildProgram {
  private static let signals = [SIGINT, SIGTERM, SIGUSR1, SIGHUP]

  /// Runs a command in a process of its own and waits for it.
  ///
  /// SIGINT, SIGTERM and SIGUSR1 are handed on, so that a training can save a checkpoint; a closed
  /// terminal (SIGHUP) ends it like SIGTERM. Foundation's `Process` is not used: a signal can make
  /// it miss its child's end for a minute.
  ///
  /// - Throws: ``RunError`` when it does not end well, or when it should.
  static func run(_ command: [String]) throws {
    for number in signals { signal(number, handOn) }
    defer {
      runningChild.store(0, ordering: .sequentiallyConsistent)
      for number in signals { signal(number, SIG_DFL) }
    }
    // Who started this program may have left them blocked.
    var set = signalSet
    pthread_sigmask(SIG_UNBLOCK, &set, nil)
    let child = try start(command)
    runningChild.store(child, ordering: .sequentiallyConsistent)
    let early = lastSignal.load(ordering: .sequentiallyConsistent)
    if early != 0 { kill(child, early) }
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0, errno == EINTR {}
    let line = command.joined(separator: " ")
    let wasAsked = lastSignal.exchange(0, ordering: .sequentiallyConsistent) != 0
    guard status & 0x7f == 0 else {
      throw RunError.commandKilled(line, signal: status & 0x7f)
    }
    guard !wasAsked else { throw RunError.interrupted(line) }
    guard status == 0 else { throw RunError.commandFailed(line, status: (status >> 8) & 0xff) }
  }

  private static var signalSet: sigset_t {
    var set = sigset_t()
    sigemptyset(&set)
    for number in signals { sigaddset(&set, number) }
    return set
  }

  /// Starts the command in a process group of its own, so that Ctrl-C reaches it once and not twice.
  private static func start(_ command: [String]) throws -> pid_t {
    #if canImport(Darwin)
      var attributes: posix_spawnattr_t?
    #else
      var attributes = posix_spawnattr_t()
    #endif
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
    let program = try executable()
    var arguments = ([program] + command).map { strdup($0) } + [nil]
    defer { for argument in arguments { free(argument) } }
    var child: pid_t = 0
    let code = posix_spawn(&child, program, nil, &attributes, &arguments, environ)
    guard code == 0 else {
      throw RunError.cannotStart(program, reason: String(cString: strerror(code)))
    }
    return child
  }

  /// The file of the running program, whatever link it was called by.
  private static func executable() throws -> String {
    #if os(Linux)
      return try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    #else
      return Bundle.main.executablePath ?? CommandLine.arguments[0]
    #endif
  }
}

/// Sends a signal on; asynchronous-signal-safe.
private func handOn(_ number: Int32) {
  let sent = number == SIGHUP ? SIGTERM : number
  if number != SIGUSR1 { lastSignal.store(sent, ordering: .sequentiallyConsistent) }
  let child = runningChild.load(ordering: .sequentiallyConsistent)
  if child > 0 { kill(child, sent) }
}
