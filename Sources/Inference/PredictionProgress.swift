import Foundation
import HostSystem

/// The tiles of all cases as one activity, and a note for each case.
///
/// How many tiles the remaining cases have is known only when they are prepared; until then they
/// count as many as the cases so far on average.
final class PredictionProgress: @unchecked Sendable {
  private let lock = NSLock()
  private let caseCount: Int
  private let reporter: any HostSystem.ProgressReporting
  private var finishedCases = 0
  private var finishedTiles = 0
  /// The tiles of the cases in work, by identifier.
  private var inWork: [String: (completed: Int, total: Int)] = [:]
  /// What was reported last, and whether that was the end.
  private var activity: String?
  private var isComplete = false

  init(caseCount: Int, reporter: any HostSystem.ProgressReporting) {
    self.caseCount = caseCount
    self.reporter = reporter
  }

  /// What hears of the tiles of a case.
  func reporter(of identifier: String) -> any HostSystem.ProgressReporting {
    CaseReporter(progress: self, identifier: identifier)
  }

  /// Ends a case, also one that failed before its tiles were known.
  func finishCase(_ identifier: String) {
    lock.withLock {
      finishedTiles += inWork.removeValue(forKey: identifier)?.total ?? 0
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

  private func advance(_ activity: String, completed: Int, of total: Int, in identifier: String) {
    lock.withLock {
      inWork[identifier] = (completed, total)
      let done = inWork.values.reduce(finishedTiles) { $0 + $1.completed }
      let known = inWork.values.reduce(finishedTiles) { $0 + $1.total }
      report(activity, completed: done, of: known)
    }
  }

  private func report(_ activity: String, completed: Int, of known: Int) {
    let casesKnown = finishedCases + inWork.count
    let remaining = caseCount - casesKnown
    let perCase = Double(known) / Double(casesKnown)
    let expected = remaining > 0 ? max(remaining, Int(trusted: perCase * Double(remaining))) : 0
    self.activity = activity
    isComplete = completed >= known + expected
    reporter.advance(activity, completed: completed, of: known + expected)
  }

  /// The reporter of one case.
  private struct CaseReporter: HostSystem.ProgressReporting {
    let progress: PredictionProgress
    let identifier: String

    func note(_ message: String) { progress.reporter.note(message) }
    func warn(_ message: String) { progress.reporter.warn(message) }
    func advance(_ activity: String, completed: Int, of total: Int) {
      progress.advance(activity, completed: completed, of: total, in: identifier)
    }
  }
}
