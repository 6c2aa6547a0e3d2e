import Foundation

/// The memory that the process may still take, bytes; nil if the system does not say.
///
/// The smallest of the machine's free memory, what the control group (a container, a job of Slurm)
/// allows and what `ulimit -v` leaves.
package func availableMemory() -> Int? {
  [machineMemory(), controlGroupMemory(), addressSpaceLeft()].compactMap { $0 }.min()
}

private func machineMemory() -> Int? {
  #if os(Linux)
    guard let text = try? String(contentsOfFile: "/proc/meminfo", encoding: .utf8) else {
      return nil
    }
    let line = text.lines.lazy.compactMap { $0.dropping(prefix: "MemAvailable:") }.first
    return line.flatMap { $0.parts(at: " ").first }.flatMap { Int($0) }.map { $0 << 10 }
  #else
    return Int(clamping: ProcessInfo.processInfo.physicalMemory)
  #endif
}

/// What the process's control group (version 2) leaves.
private func controlGroupMemory() -> Int? {
  guard let own = try? String(contentsOfFile: "/proc/self/cgroup", encoding: .utf8),
    let path = own.lines.lazy.compactMap({ $0.dropping(prefix: "0::") }).first
  else { return nil }
  func number(_ file: String) -> Int? {
    let text = try? String(contentsOfFile: "/sys/fs/cgroup\(path)/\(file)", encoding: .utf8)
    return text.flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
  }
  guard let limit = number("memory.max"), let used = number("memory.current") else { return nil }
  return max(limit - used, 0)
}

/// What `ulimit -v` leaves of the address space, bytes; nil if it sets no limit.
package func addressSpaceLeft() -> Int? {
  var limit = rlimit()
  #if os(Linux)
    let resource = __rlimit_resource_t(RLIMIT_AS.rawValue)
  #else
    let resource = RLIMIT_AS
  #endif
  guard getrlimit(resource, &limit) == 0, let most = Int(exactly: limit.rlim_cur) else {
    return nil
  }
  guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8),
    let pages = text.parts(at: " ").first.flatMap({ Int($0) })
  else { return most }
  return max(most - pages * Int(sysconf(Int32(_SC_PAGESIZE))), 0)
}

/// Checks that there is enough memory for a piece of work before it is allocated: if it is missing
/// later, the system ends the whole program, and with it the work on all other cases.
///
/// - Parameters:
///   - bytes: The approximate need of the work; nil if that exceeds every number.
///   - purpose: The work, as in "resampling to 512×512×512 voxels".
///   - remedy: What to change.
/// - Throws: ``MemoryError``.
package func requireMemory(
  _ bytes: Int?, for purpose: String, remedy: String = MemoryError.remedyForImages
) throws(MemoryError) {
  guard let available = availableMemory() else { return }
  guard let bytes, bytes <= available else {
    throw MemoryError(needed: bytes, available: available, purpose: purpose, remedy: remedy)
  }
}

/// Work that needs more memory than there is.
package struct MemoryError: ExplainedError, Equatable {
  /// Nil if the need exceeds every number.
  package var needed: Int?
  package var available: Int
  package var purpose: String
  package var remedy: String

  package static let remedyForImages = "Check the size and the spacing in the image's header"

  package init(
    needed: Int?, available: Int, purpose: String, remedy: String = Self.remedyForImages
  ) {
    (self.needed, self.available) = (needed, available)
    (self.purpose, self.remedy) = (purpose, remedy)
  }

  package var message: String {
    let need = needed.map { "about \(Self.gigabytes($0)) GB" } ?? "an impossible amount"
    return "There is not enough memory for \(purpose): \(need) are needed,"
      + " \(Self.gigabytes(available)) GB are free."
  }

  package var hint: String? {
    remedy + "; or close other programs, or use a machine with more memory."
  }

  private static func gigabytes(_ bytes: Int) -> Double { (Double(bytes) / 1e8).rounded() / 10 }
}
