import Arrays
import Augmentation
import Foundation
import Testing

@testable import Training

@Suite struct BatchQueueTests {
  struct Broken: Error {}

  private static func batch(_ number: Int) -> TrainingBatch {
    TrainingBatch(
      data: DenseArray(shape: [1], scalars: [Float(number)]), targets: [])
  }

  private func positions(_ count: Int) -> Slice<BatchPositions> {
    BatchPositions(epochs: 0..<1, training: count, validation: 0)[...]
  }

  @Test func positionsFollowEpochByEpoch() {
    let positions = BatchPositions(epochs: 3..<5, training: 2, validation: 1)
    #expect(
      positions.map { [$0.purpose == .training ? 0 : 1, $0.epoch, $0.index] }
        == [[0, 3, 0], [0, 3, 1], [1, 3, 0], [0, 4, 0], [0, 4, 1], [1, 4, 0]])
    // As many as a recipe may request; as a list, they would take terabytes.
    let most = TrainingRecipe.largestCount
    let many = BatchPositions(epochs: 0..<most, training: most, validation: most)
    #expect(many.count == 2 * most * most)
    #expect(many.last == BatchPosition(purpose: .validation, epoch: most - 1, index: most - 1))
  }

  @Test(arguments: [1, 4])
  func batchesComeInOrder(threads: Int) throws {
    let queue = BatchQueue(positions: positions(40), threads: threads, capacity: 3) { position in
      // Later batches are faster, so that they are finished first.
      usleep(UInt32((position.index * 7919) % 13) * 200)
      return Self.batch(position.index)
    }
    defer { queue.close() }
    for number in 0..<40 { #expect(try queue.next().batch.data.scalars == [Float(number)]) }
  }

  @Test func onlySoManyAreMadeAhead() throws {
    let lock = NSLock()
    nonisolated(unsafe) var made = 0
    let queue = BatchQueue(positions: positions(100), threads: 2, capacity: 5) { position in
      lock.withLock { made += 1 }
      return Self.batch(position.index)
    }
    defer { queue.close() }
    _ = try queue.next()
    usleep(200_000)
    #expect(lock.withLock { made } <= 6)
  }

  @Test func aFailureComesWhereItsBatchWouldHave() throws {
    let queue = BatchQueue(positions: positions(5), threads: 2, capacity: 4) { position in
      guard position.index != 2 else { throw Broken() }
      return Self.batch(position.index)
    }
    defer { queue.close() }
    _ = try queue.next()
    _ = try queue.next()
    #expect(throws: Broken.self) { _ = try queue.next() }
  }
}
