import Foundation
import HostSystem

/// Prints notes to the standard output, and warnings and progress to the standard error.
///
/// On a terminal, progress is a bar with the time left, redrawn in place, and a line when an
/// activity of more than a second ends. Elsewhere (a file, a batch system), it is at most one plain
/// line per minute.
final class ConsoleReporter: HostSystem.ProgressReporting, @unchecked Sendable {
  private let lock = NSLock()
  private let isTerminal: Bool
  private let now: @Sendable () -> Duration
  private let printProgress: @Sendable (String) -> Void
  private var activity: ProgressLine?
  private var nextShown: Duration = .zero
  private static let plainPause: Duration = .seconds(60)

  /// - Parameters:
  ///   - isTerminal: Whether the standard error is a terminal; nil asks the system.
  ///   - now: The time since some beginning; nil asks the system.
  ///   - printProgress: Receives the lines about progress.
  init(
    isTerminal: Bool? = nil, now: (@Sendable () -> Duration)? = nil,
    printProgress: @escaping @Sendable (String) -> Void = Console.printToStandardError
  ) {
    self.isTerminal = isTerminal ?? (isatty(STDERR_FILENO) == 1)
    let start = ContinuousClock.now
    self.now = now ?? { ContinuousClock.now - start }
    self.printProgress = printProgress
  }

  deinit {
    // What follows a failed command is on its own line.
    clearBar()
  }

  func note(_ message: String) {
    lock.withLock {
      clearBar()
      Console.print(message)
      drawBar()
    }
  }

  func warn(_ message: String) {
    lock.withLock {
      clearBar()
      Console.printToStandardError("warning: \(message)")
      drawBar()
    }
  }

  func advance(_ activity: String, completed: Int, of total: Int) {
    lock.withLock {
      let now = now()
      var line = self.activity
      if line?.activity != activity || completed < line?.completed ?? 0 {
        clearBar()
        line = ProgressLine(activity: activity, begin: now, start: completed)
        // All activities share the pause between plain lines: many short ones print nothing.
        nextShown = isTerminal ? now : max(nextShown, now + Self.plainPause)
      }
      line?.completed = completed
      line?.total = total
      line?.now = now
      self.activity = line
      show(isFinished: completed >= total)
    }
  }

  private func show(isFinished: Bool) {
    guard let line = activity else { return }
    if isFinished {
      clearBar()
      activity = nil
      guard isTerminal ? line.elapsed >= .seconds(1) : line.now >= nextShown else { return }
      nextShown = line.now + Self.plainPause
      printProgress(line.summary)
      return
    }
    guard line.now >= nextShown else { return }
    nextShown = line.now + (isTerminal ? .milliseconds(100) : Self.plainPause)
    if isTerminal { drawBar() } else { printProgress(line.plain) }
  }

  private func clearBar() {
    guard isTerminal, activity != nil else { return }
    Console.redrawLine("")
  }

  private func drawBar() {
    guard isTerminal, let activity else { return }
    Console.redrawLine(activity.bar(columns: terminalColumns()))
  }

  private func terminalColumns() -> Int {
    var size = winsize()
    guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }
}
