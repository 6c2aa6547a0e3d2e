import Foundation

/// Syncs finished files and gives them their names on its own threads while the next ones are made.
///
/// Waiting for a disk takes longer than making a small file. Groups are synced at the same time; no
/// file of a group gets its name before all its files are on the disk, and they get their names in
/// order.
package final class CommitQueue: @unchecked Sendable {
  private struct Group {
    var files: [PendingFile]
    var completion: @Sendable (Result<Void, FileError>) -> Void
  }

  /// Not a mutex, since threads sleep until there is a group or room for one.
  private let condition = NSCondition()
  private let capacity: Int
  private var waiting: [Group] = []
  private var countUnderWay = 0
  private var isClosed = false

  /// Starts the threads; ``finish()`` ends them.
  ///
  /// - Parameters:
  ///   - threads: How many groups are synced at once.
  ///   - capacity: The number of groups in progress before ``commit(_:completion:)`` waits.
  package init(threads: Int = 4, capacity: Int = 32) {
    self.capacity = max(capacity, threads)
    for number in 0..<threads {
      let thread = Thread { [self] in work() }
      thread.name = "commits \(number)"
      thread.start()
    }
  }

  /// Adds files that belong together.
  ///
  /// - Parameters:
  ///   - files: Complete, in the order in which they get their names; not used elsewhere any more.
  ///   - completion: Called on one of the queue's threads. After a failure the files that have no name
  ///     yet are gone.
  package func commit(
    _ files: [PendingFile], completion: @escaping @Sendable (Result<Void, FileError>) -> Void
  ) {
    condition.lock()
    defer { condition.unlock() }
    precondition(!isClosed, "the queue has finished")
    while countUnderWay >= capacity { condition.wait() }
    countUnderWay += 1
    waiting.append(Group(files: files, completion: completion))
    condition.broadcast()
  }

  /// Waits until all files have their names or failed, and ends the threads.
  package func finish() {
    condition.lock()
    defer { condition.unlock() }
    while countUnderWay > 0 { condition.wait() }
    isClosed = true
    condition.broadcast()
  }

  private func work() {
    while let group = next() {
      group.completion(Self.commit(group.files))
      condition.lock()
      countUnderWay -= 1
      condition.broadcast()
      condition.unlock()
    }
  }

  private func next() -> Group? {
    condition.lock()
    defer { condition.unlock() }
    while waiting.isEmpty, !isClosed { condition.wait() }
    return waiting.isEmpty ? nil : waiting.removeFirst()
  }

  private static func commit(_ files: [PendingFile]) -> Result<Void, FileError> {
    do throws(FileError) {
      for file in files { try file.sync() }
      for file in files { try file.commit() }
      return .success(())
    } catch {
      return .failure(error)
    }
  }
}
