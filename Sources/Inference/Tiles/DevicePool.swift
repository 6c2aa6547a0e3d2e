import Arrays
import Foundation
import HostSystem

/// Networks on several devices that process batches of tiles at the same time.
///
/// Each device has all networks and its own thread. Batches wait in one queue, from which the next
/// free device takes the first: folds, tiles and cases are all distributed like this. The caller
/// gets the results in its own order, so that sums do not depend on which device was faster.
package final class DevicePool: Sendable {
  private let line = Line()
  private let replicas: [[any TilePredictor]]

  /// Starts a thread for each device.
  ///
  /// - Parameter replicas: The networks of each device, the same ones in the same order.
  package init(_ replicas: [[any TilePredictor]]) {
    precondition(!replicas.isEmpty && replicas.allSatisfy { $0.count == replicas[0].count })
    self.replicas = replicas
    for networks in replicas {
      let thread = Thread { [line] in
        while let job = line.next() {
          job.probabilities.set(
            Result {
              try networks[job.network].probabilities(ofTiles: job.tiles, onPass: job.onPass)
            })
        }
      }
      thread.stackSize = 8 << 20
      thread.start()
    }
  }

  deinit { line.close() }

  /// The networks, each computing on any free device.
  package var predictors: [any TilePredictor] {
    replicas[0].indices.map { PooledTilePredictor(pool: self, network: $0) }
  }

  fileprivate var deviceCount: Int { replicas.count }

  fileprivate func labelCount(of network: Int) -> Int { replicas[0][network].labelCount }

  fileprivate func passesPerTile(of network: Int) -> Int { replicas[0][network].passesPerTile }

  /// Adds a batch to the queue.
  fileprivate func begin(
    _ tiles: DenseArray<Float>, network: Int, onPass: @escaping @Sendable (Int) -> Void
  ) -> Future<DenseArray<Float>, any Error> {
    let job = Job(network: network, tiles: tiles, onPass: onPass)
    line.append(job)
    return job.probabilities
  }

  private struct Job {
    var network: Int
    var tiles: DenseArray<Float>
    var onPass: @Sendable (Int) -> Void
    let probabilities = Future<DenseArray<Float>, any Error>()
  }

  /// Work that waits for a device.
  private final class Line: @unchecked Sendable {
    /// Not a mutex, since devices sleep until there is a job.
    private let condition = NSCondition()
    private var jobs: [Job] = []
    private var isClosed = false

    func append(_ job: Job) {
      condition.withLock {
        jobs.append(job)
        condition.signal()
      }
    }

    /// Waits for a job; nil if there will be none.
    func next() -> Job? {
      condition.withLock {
        while jobs.isEmpty && !isClosed { condition.wait() }
        return jobs.isEmpty ? nil : jobs.removeFirst()
      }
    }

    func close() {
      condition.withLock {
        isClosed = true
        condition.broadcast()
      }
    }
  }
}

/// A network that computes on any free device of a pool.
private struct PooledTilePredictor: TilePredictor {
  let pool: DevicePool
  let network: Int

  var labelCount: Int { pool.labelCount(of: network) }
  /// One batch more than there are devices: while one is added to the sums, no device waits.
  var batchesUnderWay: Int { pool.deviceCount + 1 }

  var passesPerTile: Int { pool.passesPerTile(of: network) }

  func probabilities(ofTiles tiles: DenseArray<Float>) throws -> DenseArray<Float> {
    try pool.begin(tiles, network: network) { _ in }.wait()
  }

  func begin(
    _ tiles: DenseArray<Float>, onPass: @escaping @Sendable (Int) -> Void
  ) -> () throws -> DenseArray<Float> {
    let probabilities = pool.begin(tiles, network: network, onPass: onPass)
    return { try probabilities.wait() }
  }
}
