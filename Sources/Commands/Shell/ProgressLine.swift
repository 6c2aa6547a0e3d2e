import HostSystem

/// How far an activity has come, as text.
struct ProgressLine {
  let activity: String
  let begin: Duration
  var now: Duration
  var completed = 0
  var total = 0
  /// How much was done when the clock started: an activity may go on where another run stopped.
  let start: Int

  init(activity: String, begin: Duration, start: Int = 0) {
    self.activity = activity
    self.begin = begin
    self.now = begin
    self.start = start
  }

  var elapsed: Duration { now - begin }

  /// The time that the rest takes at the pace so far; nil before a step was timed.
  var timeLeft: Duration? {
    guard completed > start else { return nil }
    return elapsed / (completed - start) * (total - completed)
  }

  /// For a terminal: `Preprocessing [####------] 80/200, 0:12 left`, in one line.
  func bar(columns: Int) -> String {
    let cells = 20
    let filled = total > 0 ? min(cells, cells * completed / total) : 0
    let bar = String(repeating: "#", count: filled) + String(repeating: "-", count: cells - filled)
    return String("\(activity) [\(bar)] \(counts)".prefix(max(columns - 1, 20)))
  }

  /// For a log while the work goes on.
  var plain: String { "\(activity): \(counts)" }

  /// For when the activity is done.
  var summary: String { "\(activity): \(completed)/\(total) in \(Self.text(elapsed))" }

  private var counts: String {
    "\(completed)/\(total)" + (timeLeft.map { ", \(Self.text($0)) left" } ?? "")
  }

  /// `3.4 s` below ten seconds, then `0:42`, `12:07`, `1:02:33`.
  static func text(_ duration: Duration) -> String {
    let tenths = Int(trusted: duration / .milliseconds(100))
    guard tenths >= 100 else { return "\(tenths / 10).\(tenths % 10) s" }
    let seconds = tenths / 10
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60)
    func padded(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    return hours > 0
      ? "\(hours):\(padded(minutes)):\(padded(seconds % 60))"
      : "\(minutes):\(padded(seconds % 60))"
  }
}
