package import Foundation
import HostSystem

/// Slurm, through its commands.
package struct Slurm: Sendable {
  /// A waiting or running job, or one element of a job array.
  package struct Entry: Hashable, Sendable {
    package var name: String
    /// Nil if the job is not an array.
    package var element: Int?
    /// The job's number; that of the whole array for an element.
    package var identifier: String
    /// Such as `PENDING`.
    package var state: String
  }

  package init() {}

  /// Whether the commands exist.
  package static var isAvailable: Bool {
    (ProcessInfo.processInfo.environment["PATH"] ?? "").parts(at: ":").contains {
      access("\($0)/sbatch", X_OK) == 0
    }
  }

  /// This user's unfinished jobs.
  package func queue() throws -> [Entry] {
    let user = String(getuid())
    let text = try run(["squeue", "--array", "--noheader", "--user", user, "--format=%j %K %F %T"])
    return text.parts(at: "\n").compactMap { line in
      let words = line.parts(at: " ").map(String.init)
      guard words.count == 4 else { return nil }
      return Entry(name: words[0], element: Int(words[1]), identifier: words[2], state: words[3])
    }
  }

  /// Queues a script and returns the job's number.
  package func submit(_ script: URL) throws -> String {
    let text = try run(["sbatch", "--parsable", script.path])
    // With several clusters, the cluster's name follows.
    guard
      let number = text.split(whereSeparator: { ";\n".contains($0) }).last(where: { Int($0) != nil }
      )
    else { throw SchedulingError.commandFailed("sbatch \(script.path)", output: text) }
    return String(number)
  }

  private func run(_ words: [String]) throws -> String {
    let output = FileManager.default.temporaryDirectory.appending(
      path: "slurm-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: output) }
    let child = try ChildProcess("/usr/bin/env", words, output: output)
    while child.poll() == nil { usleep(5000) }
    let text = (try? String(contentsOf: output, encoding: .utf8)) ?? ""
    guard child.poll() == .status(0) else {
      throw SchedulingError.commandFailed(
        words.joined(separator: " "), output: text.trimmingCharacters(in: .whitespacesAndNewlines))
    }
    return text
  }
}
