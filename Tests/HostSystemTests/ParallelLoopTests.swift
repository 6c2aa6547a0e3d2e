import Foundation
import HostSystem
import Synchronization
import Testing

@Suite struct ParallelLoopTests {
  @Test(arguments: [1, 2, 3, 8], [0, 1, 2, 7, 1000])
  func visitsEveryIndexOnce(threads: Int, count: Int) {
    let visits = Counter(count: count)
    forEachInParallel(count: count, threads: threads) { visits.increment($0) }
    #expect(visits.values == Array(repeating: 1, count: count))
  }

  @Test func keepsToTheNumberOfThreads() {
    let running = Counter(count: 2)
    forEachInParallel(count: 40, threads: 3) { _ in
      running.enter()
      usleep(500)
      running.leave()
    }
    #expect(running.most <= 3)
    #expect(running.most >= 1)
  }

  @Test(arguments: [1, 4])
  func throwsTheFirstFailureAndStops(threads: Int) throws {
    let visits = Counter(count: 10_000)
    let error = #expect(throws: IndexError.self) {
      try forEachInParallel(count: 10_000, threads: threads) { index in
        visits.increment(index)
        if index >= 20 { throw IndexError(index: index) }
      }
    }
    // Later indices may already have been in progress, but the lowest that failed is reported.
    #expect(error == IndexError(index: 20))
    #expect(visits.values[..<20].allSatisfy { $0 == 1 })
    #expect(visits.values.reduce(0, +) < 10_000)
  }

  /// The compiler checks it: nothing but the body's error needs to be handled.
  @Test func throwsTheTypeOfItsBody() {
    do throws(IndexError) {
      try forEachInParallel(count: 3, threads: 2) { index throws(IndexError) in
        throw IndexError(index: index)
      }
    } catch {
      #expect(error.index == 0)
    }
    #expect(mapInParallel(count: 3, threads: 2) { $0 + 1 } == [1, 2, 3])
  }

  @Test func mayBeNested() {
    let visits = Counter(count: 64)
    forEachInParallel(count: 8, threads: 4) { outer in
      forEachInParallel(count: 8, threads: 4) { visits.increment(outer * 8 + $0) }
    }
    #expect(visits.values == Array(repeating: 1, count: 64))
  }
}

private struct IndexError: Error, Equatable { let index: Int }

/// Counts from several threads.
private final class Counter: Sendable {
  private struct Counts {
    var values: [Int]
    var inside = 0
    var most = 0
  }

  private let counts: Mutex<Counts>

  init(count: Int) { counts = Mutex(Counts(values: Array(repeating: 0, count: count))) }

  var values: [Int] { counts.withLock { $0.values } }
  /// The most that were inside at once.
  var most: Int { counts.withLock { $0.most } }

  func increment(_ index: Int) { counts.withLock { $0.values[index] += 1 } }

  func enter() {
    counts.withLock { counts in
      counts.inside += 1
      counts.most = max(counts.most, counts.inside)
    }
  }

  func leave() { counts.withLock { $0.inside -= 1 } }
}
