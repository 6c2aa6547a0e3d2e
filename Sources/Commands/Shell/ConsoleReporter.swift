import Foundation
import HostSystem
import Synchronization

/// Prints notes to the standard output, and warnings and progress to the standard error.
///
/// On a terminal, progress is a bar with the time left, redrawn in place, and a line when an
/// activity of more than a second ends. Elsewhere (a file, a batch system), it is at most one plain
/// line per minute.
final class ConsoleReporter: Reporter {
  private let now: @Sendable () -> Duration
  private let display: Mutex<ProgressDisplay>

  /// - Parameters:
  ///   - isTerminal: Whether the standard error is a terminal; nil asks the system.
  ///   - now: The time since some beginning; nil asks the system.
  ///   - printProgress: Receives the lines about progress.
  init(
    isTerminal: Bool? = nil, now: (@Sendable () -> Duration)? = nil,
    printProgress: @escaping @Sendable (String) -> Void = Console.printToStandardError
  ) {
    display = Mutex(
      ProgressDisplay(
        isTerminal: isTerminal ?? (isatty(STDERR_FILENO) == 1), printProgress: printProgress))
    let start = ContinuousClock.now
    self.now = now ?? { ContinuousClock.now - start }
  }

  deinit {
    // What follows a failed command is on its own line.
    display.withLock { $0.clearBar() }
  }

  func note(_ message: String) {
    display.withLock { display in
      display.clearBar()
      Console.print(message)
      display.drawBar()
    }
  }

  func warn(_ message: String) {
    display.withLock { display in
      display.clearBar()
      Console.printToStandardError("warning: \(message)")
      display.drawBar()
    }
  }

  func advance(_ activity: String, completed: Int, of total: Int) {
    // The time is taken under the lock, so that it never goes back.
    display.withLock { $0.advance(activity, completed: completed, of: total, now: now()) }
  }
}

/// What is shown of the activity under way.
private struct ProgressDisplay: Sendable {
  let isTerminal: Bool
  let printProgress: @Sendable (String) -> Void
  private var current: ProgressLine?
  private var nextShown: Duration = .zero
  private static let plainPause: Duration = .seconds(60)

  init(isTerminal: Bool, printProgress: @escaping @Sendable (String) -> Void) {
    self.isTerminal = isTerminal
    self.printProgress = printProgress
  }

  mutating func advance(_ activity: String, completed: Int, of total: Int, now: Duration) {
    var line: ProgressLine
    if let current, current.activity == activity, completed >= current.completed {
      line = current
    } else {
      clearBar()
      line = ProgressLine(activity: activity, begin: now, start: completed)
      // All activities share the pause between plain lines: many short ones print nothing.
      nextShown = isTerminal ? now : max(nextShown, now + Self.plainPause)
    }
    line.completed = completed
    line.total = total
    line.now = now
    current = line
    show(line, isFinished: completed >= total)
  }

  private mutating func show(_ line: ProgressLine, isFinished: Bool) {
    if isFinished {
      clearBar()
      current = nil
      guard isTerminal ? line.elapsed >= .seconds(1) : line.now >= nextShown else { return }
      nextShown = line.now + Self.plainPause
      printProgress(line.summary)
      return
    }
    guard line.now >= nextShown else { return }
    nextShown = line.now + (isTerminal ? .milliseconds(100) : Self.plainPause)
    if isTerminal { drawBar() } else { printProgress(line.plain) }
  }

  func clearBar() {
    guard isTerminal, current != nil else { return }
    Console.redrawLine("")
  }

  func drawBar() {
    guard isTerminal, let current else { return }
    Console.redrawLine(current.bar(columns: Self.terminalColumns()))
  }

  private static func terminalColumns() -> Int {
    var size = winsize()
    guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }
}
