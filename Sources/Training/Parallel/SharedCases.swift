import HostSystem

/// Cases that the processes of a group share, and that all of them leave between two if somebody asks one
/// of them to end.
struct SharedCases {
  let ranks: RankGroup
  /// Through which others ask for the end.
  var interruption: TrainingInterruption?

  /// Why all processes end before all cases are done.
  struct End: Hashable {
    var reason: String
    /// The cases of all processes that are done.
    var completed: Int
  }

  /// Works through this process's share; all processes make the call, and return from it together.
  ///
  /// - Returns: Nil if nobody asked for the end.
  func forEach(_ share: [String], _ body: (String) throws -> Void) throws -> End? {
    var (completed, wish): (Int, TrainingInterruption.Request?) = (0, nil)
    for identifier in share {
      try body(identifier)
      completed += 1
      wish = wish ?? stopRequest()
      if try ranks.isStopWished(by: wish) { break }
    }
    // Those that are done first wait for the others, however long their cases take.
    try ranks.meet()
    guard case .stop(let reason) = try ranks.agree(on: wish ?? stopRequest()) else { return nil }
    let all = Int(trusted: try ranks.sum([Double(completed)])[0])
    return End(reason: reason, completed: all)
  }

  /// A wish to end; one to save is answered by what is written anyway.
  private func stopRequest() -> TrainingInterruption.Request? {
    guard case .stop(let reason) = interruption?.take() else { return nil }
    return .stop(reason: reason)
  }
}
