import Arrays
import Foundation
import HostSystem
package import Torch

/// The processes that train one network together, as seen by one of them.
///
/// A single process makes the same calls and exchanges nothing. All processes must make them in the
/// same order, from one thread at a time.
package final class RankGroup: @unchecked Sendable {
  package let rank: Int
  package let count: Int
  /// The processes; nil if there is only this one.
  let processes: ProcessGroup?
  private let meetingPlace: MeetingPlace?
  private var meetings = 0

  /// One process by itself.
  package static let alone = RankGroup()

  /// What the processes have besides the exchange of tensors.
  private struct MeetingPlace {
    let store: MeetingStore
    let names: RankNames
    let watch: RankWatch
    let serves: Bool
  }

  /// The seconds that a process may be late for an exchange without counting as lost.
  private static let exchangeTimeout = 3600.0
  /// Seconds that processes may take to start.
  private static let startTimeout = 300.0
  /// The seconds after which the store counts as lost.
  private static let questionTimeout = 30.0

  private init() {
    (rank, count, processes, meetingPlace) = (0, 1, nil, nil)
  }

  /// Meets the other processes.
  ///
  /// - Parameters:
  ///   - launch: The launcher's information about this process and the others.
  ///   - device: The device of this process's network.
  ///   - onLoss: Called on a separate thread when another process is lost while this one waits
  ///     for it, which nothing can end but the end of this process.
  /// - Throws: `TorchError` if the others do not connect.
  package init(
    _ launch: RankLaunch, device: Device, onLoss: @escaping @Sendable (TrainingError) -> Void
  ) throws {
    (rank, count) = (launch.rank, launch.count)
    let names = RankNames(address: "\(launch.address):\(launch.port)", attempt: launch.attempt)
    func connect(serves: Bool, timeout: Double) throws -> MeetingStore {
      do {
        return try MeetingStore(
          address: launch.address, port: launch.port, serves: serves, timeout: timeout)
      } catch {
        throw TrainingError.cannotMeet(
          rank: launch.rank, address: names.address, reason: error.message)
      }
    }
    let store = try connect(serves: launch.serves, timeout: Self.startTimeout)
    try store.set(
      names.host(of: rank),
      to: Data("\(ProcessInfo.processInfo.hostName), process \(getpid())".utf8))
    do {
      processes = try ProcessGroup(
        through: store, rank: rank, count: count, device: device, timeout: Self.exchangeTimeout)
    } catch {
      throw TrainingError.cannotMeet(
        rank: launch.rank, address: names.address, reason: error.message)
    }
    meetingPlace = MeetingPlace(
      store: store, names: names,
      watch: RankWatch(
        try connect(serves: false, timeout: Self.questionTimeout), names: names, rank: rank,
        count: count, onLoss: onLoss), serves: launch.serves)
  }

  /// Whether this process writes what is written only once.
  package var isFirst: Bool { rank == 0 }

  /// The backend, for the log.
  package var backend: String { processes?.backend ?? "none" }

  /// The log's description of the processes; empty if there is only this one.
  var description: String { count == 1 ? "" : ", \(count) processes over \(backend)" }

  /// Runs the body; a failure is reported to the other processes, and a failure of another process
  /// is reported as such.
  package func run<Result>(_ body: () throws -> Result) throws -> Result {
    guard let place = meetingPlace else { return try body() }
    do {
      let result = try body()
      try leave(place)
      return result
    } catch {
      let cause = error is TorchError ? place.watch.explain(error) : error
      // All were interrupted together.
      if (cause as? TrainingError)?.isAnswerToSignal == true {
        try? leave(place)
        throw cause
      }
      // A process that reports another's end is not itself the cause.
      if !isLoss(cause) {
        try? place.store.set(
          place.names.failure(of: rank), to: Data(explanation(of: cause).utf8))
        // The reason must be read before the store ends.
        if place.serves { Thread.sleep(forTimeInterval: 2 * RankWatch.interval) }
      }
      throw cause
    }
  }

  private func isLoss(_ error: any Error) -> Bool {
    switch error as? TrainingError {
    case .rankLost, .rankFailed, .meetingPlaceLost: true
    default: false
    }
  }

  /// Waits until all processes have reached the same place, however long that takes.
  package func meet() throws {
    guard let place = meetingPlace else { return }
    meetings += 1
    try wait(for: place.names.meeting(meetings), at: place)
  }

  /// Ends the watch, and then the store when it is no longer needed.
  private func leave(_ place: MeetingPlace) throws {
    try meet()
    place.watch.stop()
    let left = try place.store.add(1, to: place.names.left)
    guard place.serves, left < count else { return }
    for _ in 0..<200 where try place.store.add(0, to: place.names.left) < count {
      Thread.sleep(forTimeInterval: 0.05)
    }
  }

  private func wait(for name: String, at place: MeetingPlace) throws {
    var present = try place.store.add(1, to: name)
    var pause = 0.005
    while present < count {
      if let loss = place.watch.noticed { throw loss }
      Thread.sleep(forTimeInterval: pause)
      pause = min(pause * 1.5, 0.5)
      present = try place.store.add(0, to: name)
    }
  }
}

// MARK: - Exchanges

extension RankGroup {
  /// The sums of numbers over the processes.
  package func sum(_ values: [Double]) throws(TorchError) -> [Double] {
    guard let processes else { return values }
    let tensor = try Tensor(DenseArray(shape: [values.count], scalars: values))
    try processes.sum(tensor)
    return try tensor.array(of: Double.self).scalars
  }

  /// The first process's seed.
  func agree(onSeed seed: UInt64) throws(TorchError) -> UInt64 {
    guard let data = try broadcast(withUnsafeBytes(of: seed) { Data($0) }) else { return seed }
    return data.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }
  }

  /// The mean of a number over the processes.
  func mean(_ value: Double) throws(TorchError) -> Double {
    try sum([value])[0] / Double(count)
  }

  /// The request to any of the processes, so that all obey it after the same batch.
  func agree(
    on request: TrainingInterruption.Request?
  ) throws(TorchError) -> TrainingInterruption.Request? {
    guard count > 1 else { return request }
    var wishes = [0.0, 0.0]
    switch request {
    case .save: wishes[0] = 1
    case .stop: wishes[1] = 1
    case nil: break
    }
    wishes = try sum(wishes)
    if let request, case .stop = request { return request }
    if wishes[1] > 0 { return .stop(reason: "a signal to another rank") }
    return wishes[0] > 0 ? request ?? .save(reason: "a signal to another rank") : nil
  }

  /// Whether any of the processes was asked to end, checked while they work on different cases and
  /// not in step.
  ///
  /// - Parameter request: The request to this process; if it is to end, the others are informed.
  /// - Returns: True once one process was asked to end.
  /// - Throws: `TorchError` if the store does not answer.
  func isStopWished(by request: TrainingInterruption.Request?) throws(TorchError) -> Bool {
    var isOwn = false
    if case .stop = request { isOwn = true }
    guard let place = meetingPlace else { return isOwn }
    guard isOwn else { return try place.store.has(place.names.stop) }
    try place.store.set(place.names.stop, to: Data([1]))
    return true
  }

  /// Replaces tensors with those of the first process.
  package func broadcast(_ tensors: [Tensor]) throws(TorchError) {
    guard let processes else { return }
    for tensor in tensors { try processes.broadcast(tensor.detached()) }
  }

  /// The numbers of the first process.
  func broadcast(_ values: [Double]) throws(TorchError) -> [Double] {
    guard count > 1 else { return values }
    let data = try broadcast(values.withUnsafeBytes { Data($0) }) ?? Data()
    return data.withUnsafeBytes { Array($0.bindMemory(to: Double.self)) }
  }

  /// The bytes of the first process; the others' are ignored.
  func broadcast(_ data: Data?) throws(TorchError) -> Data? {
    guard let processes else { return data }
    let own = isFirst ? data.map { Double($0.count) } ?? -1 : 0
    let length = try sum([own])[0]
    guard length >= 0 else { return nil }
    let bytes =
      isFirst ? [UInt8](data ?? Data()) : [UInt8](repeating: 0, count: Int(trusted: length))
    let tensor = try Tensor(DenseArray(shape: [bytes.count], scalars: bytes))
    try processes.broadcast(tensor)
    return Data(try tensor.array(of: UInt8.self).scalars)
  }

  /// The cases of a list for this process: every n-th, so that all have about the same number.
  func share<Element>(of list: [Element]) -> [Element] {
    stride(from: rank, to: list.count, by: count).map { list[$0] }
  }
}
