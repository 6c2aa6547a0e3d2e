import HostSystem

extension TrainingRun {
  /// The remaining time of the training if its epochs take as long as the last five.
  var secondsLeft: Double? {
    let recent = records.suffix(5).map(\.seconds)
    guard !recent.isEmpty else { return nil }
    let rest = isFinished ? 0 : setup.recipe.epochs - progress.epoch
    return recent.reduce(0, +) / Double(recent.count) * Double(rest)
  }

  /// `about 2 h 5 min left for 40 epochs`.
  var timeLeftNote: String {
    guard let seconds = secondsLeft, seconds > 0 else { return "no epochs left" }
    return "about \(durationText(seconds: seconds)) left for "
      + countText(setup.recipe.epochs - progress.epoch, "epoch")
  }
}
