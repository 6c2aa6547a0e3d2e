import Foundation
import HostSystem
import Synchronization

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
  var reporter: any Reporter

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
      let identifier = identifiers[index]
      // If the disk is full, every further case would also fail after the work.
      guard record.reasonOfFullDisk == nil else {
        return record.add(identifier, NotTried())
      }
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
    forEachInParallel(count: small.count, threads: threads) { attempt(small[$0], threads: 1) }
    for index in large { attempt(index, threads: threads) }
    commits.finish()
    let failures = record.failures.sorted
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

/// The cases of a queue that have failed, and whether one of them found no space on the disk.
private final class FailureRecord: Sendable {
  let failures = CaseFailures()
  private let fullDisk = Mutex<String?>(nil)

  /// The error of the first case that found no space; nil while there is some.
  var reasonOfFullDisk: String? { fullDisk.withLock { $0 } }

  func add(_ identifier: String, _ error: any Error) {
    let failure = CaseFailure(identifier: identifier, error: error)
    if case .cannotWrite(_, let cause) = error as? FileError,
      [ENOSPC, EDQUOT, EFBIG].contains(where: { cause == String(cString: strerror($0)) })
    {
      fullDisk.withLock { $0 = $0 ?? failure.reason }
    }
    failures.add(failure)
  }
}
