/// A time in readable units: `3.4 s`, `42 s`, `12 min 7 s`, `1 h 2 min`, `19 d 7 h`.
package func durationText(_ duration: Duration) -> String {
  // A duration may be longer than an Int of milliseconds: only the seconds decide.
  let seconds = duration.components.seconds
  let tenths = duration.components.attoseconds / 100_000_000_000_000_000
  if seconds < 10 { return "\(seconds).\(tenths) s" }
  let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400)
  if minutes < 1 { return "\(seconds) s" }
  if hours < 1 { return "\(minutes) min \(seconds % 60) s" }
  if days < 1 { return "\(hours) h \(minutes % 60) min" }
  return "\(days) d \(hours % 24) h"
}

/// The same for a number of seconds; `?` if it is not a number.
package func durationText(seconds: Double) -> String {
  // Up to a million years.
  guard seconds >= 0, seconds < 3e13 else { return "?" }
  return durationText(.seconds(seconds))
}
