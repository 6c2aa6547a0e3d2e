import Foundation

/// Makes batches ahead of time on its own threads and returns them in order.
///
/// At most `capacity` batches are finished or in progress beyond the one that was taken last, so
/// that memory is bounded. A failure is thrown where its batch would have been taken.
final class BatchQueue: @unchecked Sendable {
  /// Not a mutex, since threads sleep until there is a batch or room for one.
  private let condition = NSCondition()
  private let positions: Slice<BatchPositions>
  private let make: @Sendable (BatchPosition) throws -> TrainingBatch
  private let capacity: Int
  private var finished: [Int: Result<TrainingBatch, any Error>] = [:]
  private var nextToMake = 0
  private var nextToTake = 0
  private var isClosed = false

  /// Starts making batches.
  ///
  /// - Parameters:
  ///   - positions: The batches in the order in which they will be taken.
  ///   - threads: The number of batches to make at once.
  ///   - capacity: The number of batches that may be ready before they are taken; at least
  ///     `threads`.
  ///   - make: Makes a batch, on any of the threads.
  init(
    positions: Slice<BatchPositions>, threads: Int, capacity: Int,
    make: @escaping @Sendable (BatchPosition) throws -> TrainingBatch
  ) {
    self.positions = positions
    self.make = make
    self.capacity = max(capacity, threads)
    for number in 0..<threads {
      // The thread keeps the queue alive until close() ends it.
      let thread = Thread { [self] in work() }
      thread.name = "batches \(number)"
      thread.stackSize = 8 << 20
      thread.start()
    }
  }

  /// Waits for the next batch.
  ///
  /// - Returns: The batch and the time spent waiting for it.
  /// - Throws: What making the batch threw.
  func next() throws -> (batch: TrainingBatch, waited: Duration) {
    let start = ContinuousClock.now
    condition.lock()
    defer { condition.unlock() }
    precondition(nextToTake < positions.count, "all batches were taken")
    while true {
      if let result = finished.removeValue(forKey: nextToTake) {
        nextToTake += 1
        condition.broadcast()
        return (try result.get(), ContinuousClock.now - start)
      }
      condition.wait()
    }
  }

  /// Ends the threads; batches that were not taken are discarded.
  func close() {
    condition.lock()
    isClosed = true
    finished = [:]
    condition.broadcast()
    condition.unlock()
  }

  private func work() {
    while let index = claim() {
      let result = Result { try make(positions[positions.startIndex + index]) }
      condition.lock()
      finished[index] = result
      condition.broadcast()
      condition.unlock()
    }
  }

  private func claim() -> Int? {
    condition.lock()
    defer { condition.unlock() }
    while !isClosed, nextToMake < positions.count {
      if nextToMake < nextToTake + capacity {
        defer { nextToMake += 1 }
        return nextToMake
      }
      condition.wait()
    }
    return nil
  }
}
