import Foundation
import HostSystem

/// Processes the cases of a task: small ones in parallel, large ones one after another; their files
/// are synced and named while the next cases are processed.
///
/// A case that fails does not stop the others; all failures are reported together.
struct CaseQueue: Sendable {
  /// The number of threads.
  var threads: Int
  /// The memory that the current cases may take together, bytes; a case that needs more is
  /// processed alone, with all threads.
  var memory = 1 << 30
  /// The name of the work in progress reports.
  var activity: String
  var reporter: any HostSystem.ProgressReporting

  /// Runs `work(identifier, threads)` for every case.
  ///
  /// - Parameters:
  ///   - identifiers: The cases.
  ///   - bytes: An estimate of the memory that a case needs.
  ///   - work: Returns the files of the case, to be committed in order.
  /// - Throws: ``PreprocessingError/casesFailed(_:of:)``, or
  ///   ``PreprocessingError/diskFull(missing:of:reason:)``.
  func run(
    _ identifiers: [String], bytes: @Sendable (String) -> Int,
    _ work: @Sendable (String, Int) throws -> [PendingFile]
  ) throws(PreprocessingError) {
    let share = memory / max(threads, 1)
    let sizes = identifiers.map(bytes)
    let small = identifiers.indices.filter { sizes[$0] <= share }
    let large = identifiers.indices.filter { sizes[$0] > share }
    let record = FailureRecord()
    let commits = CommitQueue()
    let counter = StepCounter(activity, total: identifiers.count, reporter: reporter)
    @Sendable func attempt(_ index: Int, threads: Int) {
      // If the disk is full, every further case would also fail after the work.
      guard record.reasonOfFullDisk == nil else {
        record.add(identifiers[index], NotTried())
        return
      }
      let identifier = identifiers[index]
      do {
        let files = try work(identifier, threads)
        guard !files.isEmpty else { return counter.step() }
        commits.commit(files) { result in
          if case .failure(let error) = result { record.add(identifier, error) }
          counter.step()
        }
      } catch {
        record.add(identifier, error)
        counter.step()
      }
    }
    // The work throws nothing: failures are in the record.
    try? forEachInParallel(count: small.count, threads: threads) { attempt(small[$0], threads: 1) }
    for index in large { attempt(index, threads: threads) }
    commits.finish()
    let failures = record.failures
    if let reason = record.reasonOfFullDisk {
      throw .diskFull(missing: failures.map(\.identifier), of: identifiers.count, reason: reason)
    }
    guard failures.isEmpty else { throw .casesFailed(failures, of: identifiers.count) }
  }
}

/// A case that was skipped because the disk was full.
private struct NotTried: ExplainedError {
  var message: String { "not tried, because the disk is full" }
  var hint: String? { nil }
}

/// What the threads of a queue have finished and what has failed.
private final class FailureRecord: @unchecked Sendable {
  private let lock = NSLock()
  private var list: [PreprocessingError.CaseFailure] = []
  private var fullDisk: String?

  /// The error of the first case that found no space; nil while there is some.
  var reasonOfFullDisk: String? { lock.withLock { fullDisk } }

  var failures: [PreprocessingError.CaseFailure] {
    lock.withLock { list.sorted { $0.identifier < $1.identifier } }
  }

  func add(_ identifier: String, _ error: any Error) {
    let reason = (error as? any ExplainedError)?.message ?? "\(error)"
    if case .cannotWrite(_, let cause) = error as? FileError,
      [ENOSPC, EDQUOT, EFBIG].contains(where: { cause == String(cString: strerror($0)) })
    {
      lock.withLock { fullDisk = fullDisk ?? reason }
    }
    lock.withLock { list.append(.init(identifier: identifier, reason: reason)) }
  }
}
