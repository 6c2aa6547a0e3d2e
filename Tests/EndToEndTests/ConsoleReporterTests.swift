import Foundation
import Testing

@testable import Commands

/// A log that is not a terminal remains short, whatever happens and how often.
@Suite struct ConsoleReporterTests {
  /// A clock that is set by hand, and what was printed when.
  private final class Log: @unchecked Sendable {
    var now = Duration.zero
    var lines: [(time: Duration, text: String)] = []
  }

  private func reporter(_ log: Log) -> ConsoleReporter {
    ConsoleReporter(
      isTerminal: false, now: { log.now },
      printProgress: { log.lines.append((log.now, $0)) })
  }

  /// No two lines are less than a minute apart.
  private func expectAMinuteBetween(_ log: Log) {
    for (first, second) in zip(log.lines, log.lines.dropFirst()) {
      #expect(second.time - first.time >= .seconds(60), "\(first), \(second)")
    }
  }

  @Test func oneLongActivityHasALineAMinute() {
    let log = Log()
    let reporter = reporter(log)
    for step in 0...36_000 {
      log.now = .milliseconds(100 * step)
      reporter.advance("training", completed: step, of: 36_000)
    }
    expectAMinuteBetween(log)
    // An hour of it; the last is the summary.
    #expect((58...60).contains(log.lines.count), "\(log.lines.count)")
    #expect(log.lines.last?.text == "training: all in 1 h 0 min")
    #expect(log.lines.first?.text == "training: 1.6 %, 59 min 0 s left")
  }

  @Test func manyShortActivitiesSayNothing() {
    let log = Log()
    let reporter = reporter(log)
    for activity in 0..<2000 {
      for step in 0...4 {
        log.now += .milliseconds(300)
        reporter.advance("case \(activity)", completed: step, of: 4)
      }
    }
    #expect(log.now == .seconds(3000))
    #expect(log.lines.isEmpty, "\(log.lines)")
  }

  @Test func activitiesOfSomeMinutesShareTheMinute() {
    let log = Log()
    let reporter = reporter(log)
    for activity in 0..<20 {
      for step in 0...90 {
        log.now += .seconds(1)
        reporter.advance("part \(activity)", completed: step, of: 90)
      }
    }
    expectAMinuteBetween(log)
    #expect((10...31).contains(log.lines.count), "\(log.lines.count)")
  }
}
