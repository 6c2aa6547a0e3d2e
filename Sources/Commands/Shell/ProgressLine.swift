import HostSystem

/// The progress of an activity, as text.
struct ProgressLine {
  let activity: String
  let begin: Duration
  var now: Duration
  var completed = 0
  var total = 0
  /// The amount that was done when the clock started: an activity may continue where another run
  /// stopped.
  let start: Int

  init(activity: String, begin: Duration, start: Int = 0) {
    self.activity = activity
    self.begin = begin
    self.now = begin
    self.start = start
  }

  var elapsed: Duration { now - begin }

  /// The remaining time at the pace so far; nil before a step was timed.
  var timeLeft: Duration? {
    guard completed > start else { return nil }
    return elapsed / (completed - start) * (total - completed)
  }

  /// For a terminal: `Preprocessing [####------] 80/200, 12 s left`, in one line.
  func bar(columns: Int) -> String {
    let cells = 20
    let filled = total > 0 ? min(cells, Int(trusted: fraction * Double(cells))) : 0
    let bar = String(repeating: "#", count: filled) + String(repeating: "-", count: cells - filled)
    return String("\(activity) [\(bar)] \(state)".prefix(max(columns - 1, 20)))
  }

  /// For a log during the work.
  var plain: String { "\(activity): \(state)" }

  /// For the end of the activity.
  var summary: String { "\(activity): \(counts(isAll: true)) in \(durationText(elapsed))" }

  private var fraction: Double { total > 0 ? Double(completed) / Double(total) : 0 }

  private var state: String {
    counts(isAll: false) + (timeLeft.map { ", \(durationText($0)) left" } ?? "")
  }

  /// `3/20`; from a thousand steps on, `12.3 %`.
  private func counts(isAll: Bool) -> String {
    guard total >= 1000 else { return "\(completed)/\(total)" }
    // Incomplete work is never shown as 100 %.
    let permille = isAll ? 1000 : min(Int(trusted: fraction * 1000), completed < total ? 999 : 1000)
    return isAll ? "all" : "\(permille / 10).\(permille % 10) %"
  }
}
