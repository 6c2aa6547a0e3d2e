import Dispatch
import Foundation
import Synchronization

/// Runs `body` for every index below `count` on at most `threads` threads and waits for all.
///
/// Indices are handed out one at a time, in ascending order, so that uneven work balances itself.
/// The first error (of the lowest index that failed) is thrown after the running calls have ended;
/// indices not yet started are skipped. Everything that the loop wrote is visible to the caller.
///
/// - Parameters:
///   - count: The number of indices.
///   - threads: The largest number of indices to process at once; 1 runs in the calling thread.
///   - body: The work for one index.
/// - Throws: What `body` throws; a body that throws nothing needs no `try`.
package func forEachInParallel<Failure: Error>(
  count: Int, threads: Int = ProcessInfo.processInfo.activeProcessorCount,
  _ body: @Sendable (Int) throws(Failure) -> Void
) throws(Failure) {
  guard threads > 1, count > 1 else {
    for index in 0..<max(count, 0) { try body(index) }
    return
  }
  let state = LoopState<Failure>(count: count)
  DispatchQueue.concurrentPerform(iterations: min(threads, count)) { _ in
    while let index = state.next() {
      do throws(Failure) { try body(index) } catch { state.fail(at: index, with: error) }
    }
  }
  if let failure = state.failure { throw failure }
}

/// The result of `body` for every index below `count`, in order; see
/// ``forEachInParallel(count:threads:_:)``.
package func mapInParallel<Value: Sendable, Failure: Error>(
  count: Int, threads: Int = ProcessInfo.processInfo.activeProcessorCount,
  _ body: @Sendable (Int) throws(Failure) -> Value
) throws(Failure) -> [Value] {
  let slots = Mutex([Value?](repeating: nil, count: max(count, 0)))
  try forEachInParallel(count: count, threads: threads) { index throws(Failure) in
    let value = try body(index)
    slots.withLock { $0[index] = value }
  }
  return slots.withLock { $0.map { $0! } }  // lint: the loop has filled all
}

/// The counter and first failure that the threads of one loop share.
private final class LoopState<Failure: Error>: Sendable {
  private let count: Int
  private let state = Mutex(State())

  private struct State {
    var position = 0
    var failed: (index: Int, error: Failure)?
  }

  init(count: Int) { self.count = count }

  var failure: Failure? { state.withLock { $0.failed?.error } }

  func next() -> Int? {
    state.withLock { state in
      guard state.failed == nil, state.position < count else { return nil }
      defer { state.position += 1 }
      return state.position
    }
  }

  func fail(at index: Int, with error: Failure) {
    state.withLock { state in
      if state.failed.map({ index < $0.index }) ?? true { state.failed = (index, error) }
    }
  }
}
