import HostSystem

/// Cases that the processes of a group share; if one of them is asked to end, all of them stop
/// between two cases.
struct SharedCases {
  let ranks: RankGroup
  /// Receives requests to end.
  var interruption: TrainingInterruption?

  /// The reason why all processes end before all cases are done.
  struct End: Hashable {
    var reason: String
    /// The cases of all processes that are done.
    var completed: Int
  }

  /// Processes this process's share; all processes make the call and return from it together.
  ///
  /// - Returns: Nil if nobody asked to end.
  func forEach(_ share: [String], _ body: (String) throws -> Void) throws -> End? {
    var (completed, wish): (Int, TrainingInterruption.Request?) = (0, nil)
    for identifier in share {
      try body(identifier)
      completed += 1
      wish = wish ?? stopRequest()
      if try ranks.isStopWished(by: wish) { break }
    }
    // Processes that finish first wait for the others, however long their cases take.
    try ranks.meet()
    guard case .stop(let reason) = try ranks.agree(on: wish ?? stopRequest()) else { return nil }
    let all = Int(trusted: try ranks.sum([Double(completed)])[0])
    return End(reason: reason, completed: all)
  }

  /// A request to end; a request to save needs nothing more, since everything is written anyway.
  private func stopRequest() -> TrainingInterruption.Request? {
    guard case .stop(let reason) = interruption?.take() else { return nil }
    return .stop(reason: reason)
  }
}
