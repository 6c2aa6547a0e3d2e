import Foundation
import HostSystem
import Training

/// Starts one process of this program for each of several devices and waits for all of them.
struct RankLauncher {
  /// The command and its arguments for every process.
  let command: [String]
  /// The number of processes.
  let count: Int

  /// The seconds that processes have to end by themselves after one of them failed.
  static let patience = 60.0

  /// The command that this process was started with.
  static var ownCommand: [String] {
    let name = URL(fileURLWithPath: CommandLine.arguments[0]).lastPathComponent
    let rest = Array(CommandLine.arguments.dropFirst())
    return CommandTable.all.entry(named: name)?.name == name ? [name] + rest : rest
  }

  /// Starts the processes; signals are forwarded to all of them.
  ///
  /// - Throws: ``RankLauncherError`` naming the first that failed.
  func run() throws {
    let relay = SignalRelay()
    let port = try freePort()
    let program = try ChildProgram.executable()
    let children = try (0..<count).map { rank in
      let launch = RankLaunch(
        rank: rank, count: count, localRank: rank, localCount: count, address: "127.0.0.1",
        port: port, serves: rank == 0)
      return try ChildProcess(program, command, environment: launch.variables, endsWithParent: true)
    }
    var firstFailure: (rank: Int, end: ChildProcess.End)?
    var failed: ContinuousClock.Instant?
    var wasAsked = false
    while children.contains(where: { $0.poll() == nil }) {
      if let signal = relay.take() {
        for child in children { child.send(signal) }
        wasAsked = wasAsked || signal != SIGUSR1
      }
      if failed == nil, let failure = Self.failure(of: children) {
        (firstFailure, failed) = (failure, .now)
      }
      if let failed, ContinuousClock.now - failed > .seconds(Self.patience) {
        for child in children { child.send(SIGKILL) }
      }
      usleep(20_000)
    }
    guard let failure = firstFailure ?? Self.failure(of: children) else { return }
    if wasAsked { throw RunError.interrupted(command.joined(separator: " ")) }
    throw RankLauncherError(rank: failure.rank, count: count, end: failure.end)
  }

  private static func failure(of children: [ChildProcess]) -> (rank: Int, end: ChildProcess.End)? {
    for (rank, child) in children.enumerated() {
      if let end = child.poll(), end != .status(0) { return (rank, end) }
    }
    return nil
  }
}

/// One of several processes that failed; it has printed the reason itself, if it could.
struct RankLauncherError: ExplainedError {
  let rank: Int
  let count: Int
  let end: ChildProcess.End

  var message: String {
    switch end {
    case .status(let status): "Rank \(rank) of \(count) ended with status \(status)."
    case .signal(let number): "Rank \(rank) of \(count) was ended by signal \(number)."
    }
  }

  var hint: String? {
    "The same command with -c continues from the newest checkpoint, with any number of devices."
  }
}
