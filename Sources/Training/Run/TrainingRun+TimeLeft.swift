import HostSystem

extension TrainingRun {
  /// How long the rest of the training takes if its epochs take as long as the last five.
  var secondsLeft: Double? {
    let recent = records.suffix(5).map(\.seconds)
    guard !recent.isEmpty else { return nil }
    let rest = isFinished ? 0 : setup.recipe.epochs - progress.epoch
    return recent.reduce(0, +) / Double(recent.count) * Double(rest)
  }

  /// `2 h 5 min left for 40 epochs`.
  var timeLeftNote: String {
    guard let seconds = secondsLeft, seconds > 0 else { return "no epochs left" }
    let minutes = Int(nearest: (seconds / 60).rounded(.up), within: 0...Int.max) ?? 0
    let (days, hours) = (minutes / 1440, minutes / 60 % 24)
    let parts = [
      days > 0 ? "\(days) d" : nil, minutes >= 60 ? "\(hours) h" : nil, "\(minutes % 60) min",
    ]
    let epochs = setup.recipe.epochs - progress.epoch
    return "about \(parts.compactMap(\.self).joined(separator: " ")) left for "
      + "\(epochs) epoch\(epochs == 1 ? "" : "s")"
  }
}
