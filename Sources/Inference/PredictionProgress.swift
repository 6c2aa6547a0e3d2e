import Foundation
import HostSystem

/// The tiles of all cases as one activity, and a note for each case.
///
/// How many tiles the remaining cases have is known only when they are prepared; until then they
/// count as many as the cases so far on average.
final class PredictionProgress: HostSystem.ProgressReporting, @unchecked Sendable {
  private let lock = NSLock()
  private let caseCount: Int
  private let reporter: any HostSystem.ProgressReporting
  private var finishedCases = 0
  private var finishedTiles = 0
  private var tilesOfCase = 0
  /// What was reported last, and whether that was the end.
  private var activity: String?
  private var isComplete = false

  init(caseCount: Int, reporter: any HostSystem.ProgressReporting) {
    self.caseCount = caseCount
    self.reporter = reporter
  }

  func note(_ message: String) { reporter.note(message) }
  func warn(_ message: String) { reporter.warn(message) }

  /// Hears of the tiles of the case in work.
  func advance(_ activity: String, completed: Int, of total: Int) {
    lock.withLock {
      tilesOfCase = total
      report(activity, completed: finishedTiles + completed, of: finishedTiles + total)
    }
  }

  /// Ends a case, also one that failed before its tiles were known.
  func finishCase(_ identifier: String) {
    lock.withLock {
      finishedTiles += tilesOfCase
      tilesOfCase = 0
      finishedCases += 1
      reporter.note("\(identifier): case \(finishedCases) of \(caseCount)")
    }
  }

  /// Ends the activity where the last case failed before its tiles were done.
  func finish() {
    lock.withLock {
      guard let activity, !isComplete else { return }
      reporter.advance(activity, completed: finishedTiles, of: finishedTiles)
    }
  }

  private func report(_ activity: String, completed: Int, of known: Int) {
    let remaining = caseCount - finishedCases - 1
    let perCase = Double(known) / Double(finishedCases + 1)
    let expected = remaining > 0 ? max(remaining, Int(perCase * Double(remaining))) : 0
    self.activity = activity
    isComplete = completed >= known + expected
    reporter.advance(activity, completed: completed, of: known + expected)
  }
}
