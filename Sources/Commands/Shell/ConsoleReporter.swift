import Foundation
import HostSystem

/// Prints notes to the standard output, and warnings and progress to the standard error.
///
/// On a terminal progress is a bar with the time left, redrawn in place; elsewhere (a file, a batch
/// system) it is a plain line at most every ten seconds, and one at the end of the activity.
final class ConsoleReporter: HostSystem.ProgressReporting, @unchecked Sendable {
  private let lock = NSLock()
  private let isTerminal: Bool
  private let start = ContinuousClock.now
  private var activity: ProgressLine?
  private var nextShown: Duration = .zero

  /// - Parameter isTerminal: Whether the standard error is a terminal; nil asks the system.
  init(isTerminal: Bool? = nil) {
    self.isTerminal = isTerminal ?? (isatty(STDERR_FILENO) == 1)
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
      let now = ContinuousClock.now - start
      var line = self.activity
      if line?.activity != activity || completed < line?.completed ?? 0 {
        clearBar()
        line = ProgressLine(activity: activity, begin: now, start: completed)
        nextShown = isTerminal ? now : now + .seconds(10)
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
      Console.printToStandardError(line.summary)
      activity = nil
      return
    }
    let pause: Duration = isTerminal ? .milliseconds(100) : .seconds(10)
    guard line.now >= nextShown else { return }
    nextShown = line.now + pause
    if isTerminal { drawBar() } else { Console.printToStandardError(line.plain) }
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
