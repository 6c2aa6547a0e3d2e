import Foundation
import HostSystem
import Torch

/// Notices when one of the processes that train together is lost.
///
/// Every two seconds, each process increases its own number in the store and checks those of the
/// others. A process that fails leaves its reason there. Exchanges of tensors are not reliable for
/// this: if a cable is cut, they wait as long as the slowest process might need.
final class RankWatch: @unchecked Sendable {
  /// The seconds between two heartbeats.
  static let interval = 2.0
  /// The seconds without a heartbeat after which a process counts as lost.
  static let patience = 30.0
  /// The same after an exchange has failed, which is itself a sign of a loss.
  static let shortPatience = 8.0

  private let store: MeetingStore
  private let names: RankNames
  private let rank: Int
  private let count: Int
  private let onLoss: @Sendable (TrainingError) -> Void
  /// Not a mutex, since threads sleep until something has become of another process.
  private let condition = NSCondition()
  private var lastCounts: [Int]
  private var lastSigns: [ContinuousClock.Instant]
  private var lastAnswer = ContinuousClock.now
  private var loss: TrainingError?
  private var isSuspicious = false
  private var isStopped = false
  private var isOver = false

  /// Starts watching, on two threads, because a request to the store may never be answered.
  ///
  /// - Parameters:
  ///   - store: A connection that nobody else uses, because other requests may block.
  ///   - names: The names of the processes' heartbeats.
  ///   - rank: The number of this process, counted from 0.
  ///   - count: The number of processes.
  ///   - onLoss: Called once, on the thread of the watch.
  init(
    _ store: MeetingStore, names: RankNames, rank: Int, count: Int,
    onLoss: @escaping @Sendable (TrainingError) -> Void
  ) {
    self.store = store
    self.names = names
    self.rank = rank
    self.count = count
    self.onLoss = onLoss
    lastCounts = Array(repeating: 0, count: count)
    lastSigns = Array(repeating: .now, count: count)
    for (name, body) in [("rank watch", ask), ("answer watch", awaitAnswers)] {
      let thread = Thread(block: body)
      thread.name = name
      thread.start()
    }
  }

  /// The state of the others, after waiting a while if an exchange has failed.
  func explain(_ error: any Error) -> any Error {
    condition.lock()
    defer { condition.unlock() }
    isSuspicious = true
    condition.broadcast()
    let end = Date() + Self.shortPatience + 3 * Self.interval
    while loss == nil, condition.wait(until: end) {}
    return loss ?? error
  }

  /// The loss that was noticed, if any.
  var noticed: TrainingError? { condition.withLock { loss } }

  /// Stops and waits for the thread.
  func stop() {
    condition.lock()
    isStopped = true
    condition.broadcast()
    while !isOver { condition.wait() }
    condition.unlock()
  }

  @Sendable private func ask() {
    while !waitForNextTurn(), noticed == nil {
      if let found = look() { declare(found) }
      condition.withLock { lastAnswer = .now }
    }
    condition.lock()
    isOver = true
    condition.broadcast()
    condition.unlock()
  }

  @Sendable private func awaitAnswers() {
    while true {
      condition.lock()
      if !isOver, !isStopped, loss == nil { _ = condition.wait(until: Date() + 1) }
      let isDone = isOver || isStopped || loss != nil
      let silence = (ContinuousClock.now - lastAnswer) / .seconds(1)
      let patience = isSuspicious ? Self.shortPatience : Self.patience
      condition.unlock()
      if isDone { return }
      if silence > patience {
        declare(
          .meetingPlaceLost(host: names.address, reason: "no answer for \(Int(trusted: silence)) s")
        )
      }
    }
  }

  /// Reports a loss, once.
  private func declare(_ found: TrainingError) {
    condition.lock()
    let isNews = loss == nil && !isStopped
    if isNews { loss = found }
    let isExplained = isSuspicious
    condition.broadcast()
    condition.unlock()
    // The code that asked for an explanation reports it.
    if isNews, !isExplained { onLoss(found) }
  }

  /// Whether to end the watch instead.
  private func waitForNextTurn() -> Bool {
    condition.lock()
    defer { condition.unlock() }
    let end = Date() + (isSuspicious ? 0.5 : Self.interval)
    while !isStopped, loss == nil, condition.wait(until: end) { if isSuspicious { break } }
    return isStopped
  }

  private func look() -> TrainingError? {
    let patience = condition.withLock { isSuspicious } ? Self.shortPatience : Self.patience
    do {
      try store.add(1, to: names.life(of: rank))
      for other in 0..<count where other != rank {
        if try store.has(names.failure(of: other)) {
          return .rankFailed(
            rank: other, host: host(of: other),
            reason: String(decoding: try store.value(of: names.failure(of: other)), as: UTF8.self))
        }
        let life = try store.add(0, to: names.life(of: other))
        if life != lastCounts[other] {
          lastCounts[other] = life
          lastSigns[other] = .now
        }
        let silence = (ContinuousClock.now - lastSigns[other]) / .seconds(1)
        if silence > patience {
          return .rankLost(rank: other, host: host(of: other), seconds: Int(trusted: silence))
        }
      }
      return nil
    } catch {
      return .meetingPlaceLost(host: names.address, reason: error.message)
    }
  }

  private func host(of rank: Int) -> String {
    guard (try? store.has(names.host(of: rank))) == true,
      let data = try? store.value(of: names.host(of: rank))
    else { return "unknown host" }
    return String(decoding: data, as: UTF8.self)
  }
}

/// The names of the values that the processes keep in their store.
struct RankNames: Sendable {
  /// The address of their store.
  let address: String
  let attempt: String

  private var prefix: String { "nnunet/\(attempt)" }
  func life(of rank: Int) -> String { "\(prefix)/life/\(rank)" }
  func failure(of rank: Int) -> String { "\(prefix)/failure/\(rank)" }
  func host(of rank: Int) -> String { "\(prefix)/host/\(rank)" }
  func meeting(_ number: Int) -> String { "\(prefix)/meeting/\(number)" }
  /// Exists if one of the processes was asked to end.
  var stop: String { "\(prefix)/stop" }
  var left: String { "\(prefix)/left" }
}
