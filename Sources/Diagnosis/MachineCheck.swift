import Foundation
import HostSystem

/// Checks the processor, the memory and the limits of the process.
package struct MachineCheck: Sendable {
  /// The instruction set that the program was compiled for.
  package var instructionSet: String

  package init(instructionSet: String) { self.instructionSet = instructionSet }

  package func findings() -> [Finding] {
    [processor, memory(available: MemoryInformation()), openFiles].compactMap { $0 }
  }

  private var processor: Finding {
    let count = ProcessInfo.processInfo.activeProcessorCount
    let speedup = ProcessorFeatures.multipliesBFloat16
    let text =
      "\(processorName()), \(count) in use, compiled for \(instructionSet), "
      + (speedup ? "multiplies bfloat16 in hardware" : "no bfloat16 in hardware")
    if instructionSet == "baseline" {
      return Finding(
        "processor", .note, text,
        advice:
          "Slow, because built for all processors: build on this machine with make, without MARCH."
      )
    }
    return Finding("processor", .ok, text)
  }

  /// Checks whether the machine's memory is enough to prepare and train large images.
  func memory(available memory: MemoryInformation) -> Finding {
    guard let total = memory.total else {
      return Finding("memory", .note, "size unknown")
    }
    let free = memory.available.map { ", \(bytesText($0)) of it free" } ?? ""
    let limit = memory.isLimited ? " (the limit of this container or job)" : ""
    let text = "\(bytesText(total))\(limit)\(free)"
    guard total >= 8_000_000_000 else {
      return Finding(
        "memory", .warning, text,
        advice:
          "Preparing and training large images can need more than 8 GB: fewer threads (-tf 1),"
          + " nnUNet_predict --max-memory, or more memory.")
    }
    if let available = memory.available, available < 2_000_000_000 {
      return Finding(
        "memory", .warning, text,
        advice: "Little memory is free: close other programs before training.")
    }
    return Finding("memory", .ok, text)
  }

  private var openFiles: Finding? {
    var limit = rlimit()
    #if os(Linux)
      guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return nil }
    #else
      guard getrlimit(RLIMIT_NOFILE, &limit) == 0 else { return nil }
    #endif
    guard limit.rlim_cur < 512 else { return nil }
    return Finding(
      "open files", .warning, "at most \(limit.rlim_cur)",
      advice: "Tasks with many cases need more: ulimit -n 4096")
  }
}

/// The memory that this process may use, bytes.
struct MemoryInformation: Hashable, Sendable {
  var total: Int?
  var available: Int?
  /// Whether a container or a job is allowed less than the machine has.
  var isLimited = false

  init() {
    self.init(
      meminfo: (try? String(contentsOfFile: "/proc/meminfo", encoding: .utf8)) ?? "",
      limit: ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"]
        .lazy.compactMap { try? String(contentsOfFile: $0, encoding: .utf8) }.first,
      physical: Int(clamping: ProcessInfo.processInfo.physicalMemory))
  }

  /// - Parameters:
  ///   - meminfo: The content of `/proc/meminfo`; empty elsewhere.
  ///   - limit: The limit of the control group, a number or `max`.
  ///   - physical: The machine's memory.
  init(meminfo: String, limit: String?, physical: Int) {
    total = physical > 0 ? physical : nil
    let line = meminfo.parts(at: "\n").first { $0.begins(with: "MemAvailable:") }
    available = line.flatMap { Int(String($0.unicodeScalars.filter(\.isASCIIDigit))) }.map {
      $0 * 1024
    }
    guard let limit, let bytes = Int(limit.trimmingCharacters(in: .whitespacesAndNewlines)),
      bytes < physical
    else { return }
    total = bytes
    isLimited = true
    available = available.map { min($0, bytes) }
  }
}
