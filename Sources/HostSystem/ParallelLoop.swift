import Dispatch
import Foundation

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
/// - Throws: The error of the lowest index that failed.
package func forEachInParallel(
  count: Int, threads: Int = ProcessInfo.processInfo.activeProcessorCount,
  _ body: @Sendable (Int) throws -> Void
) throws {
  guard threads > 1, count > 1 else {
    for index in 0..<max(count, 0) { try body(index) }
    return
  }
  let state = LoopState(count: count)
  DispatchQueue.concurrentPerform(iterations: min(threads, count)) { _ in
    while let index = state.next() {
      do { try body(index) } catch { state.fail(at: index, with: error) }
    }
  }
  if let failure = state.failure { throw failure }
}

/// The result of `body` for every index below `count`, in order; see
/// ``forEachInParallel(count:threads:_:)``.
package func mapInParallel<Value: Sendable>(
  count: Int, threads: Int = ProcessInfo.processInfo.activeProcessorCount,
  _ body: @Sendable (Int) throws -> Value
) throws -> [Value] {
  let results = ResultTable<Value>(count: count)
  try forEachInParallel(count: count, threads: threads) { index in
    results.set(try body(index), at: index)
  }
  return results.values
}

/// The results of a loop, filled by several threads.
private final class ResultTable<Value: Sendable>: @unchecked Sendable {
  private let lock = NSLock()
  private var slots: [Value?]

  init(count: Int) { slots = Array(repeating: nil, count: max(count, 0)) }

  var values: [Value] { lock.withLock { slots.map { $0! } } }  // lint: the loop has filled all

  func set(_ value: Value, at index: Int) { lock.withLock { slots[index] = value } }
}

/// The counter and first failure that the threads of one loop share.
private final class LoopState: @unchecked Sendable {
  private let lock = NSLock()
  private let count: Int
  private var position = 0
  private var failed: (index: Int, error: any Error)?

  init(count: Int) { self.count = count }

  var failure: (any Error)? { lock.withLock { failed?.error } }

  func next() -> Int? {
    lock.withLock {
      guard failed == nil, position < count else { return nil }
      defer { position += 1 }
      return position
    }
  }

  func fail(at index: Int, with error: any Error) {
    lock.withLock {
      if failed.map({ index < $0.index }) ?? true { failed = (index, error) }
    }
  }
}
