package import Foundation
package import HostSystem
import Synchronization

/// Writes a training's messages, with the time, to a file and passes them on.
package final class TrainingLog: Reporter, Sendable {
  private let handle: Mutex<FileHandle>
  private let reporter: any Reporter

  /// Creates `training_log_Y_M_D_HH_MM_SS.txt` in `folder`.
  package init(
    in folder: URL, passingTo reporter: any Reporter
  ) throws(FileError) {
    self.reporter = reporter
    let time = Calendar(identifier: .gregorian).dateComponents(
      [.year, .month, .day, .hour, .minute, .second], from: Date())
    let name = String(
      format: "training_log_%d_%d_%d_%02d_%02d_%02d.txt", time.year ?? 0, time.month ?? 0,
      time.day ?? 0, time.hour ?? 0, time.minute ?? 0, time.second ?? 0)
    let url = folder.appending(path: name)
    // A second run within the same second appends.
    if !fileExists(url) {
      try AtomicFile.write(Data("Starting... \n".utf8), to: url)
    }
    handle = Mutex(try .appending(to: url))
  }

  deinit { handle.withLock { try? $0.close() } }

  package func note(_ message: String) {
    append(message)
    reporter.note(message)
  }

  package func warn(_ message: String) {
    append("WARNING: \(message)")
    reporter.warn(message)
  }

  package func advance(_ activity: String, completed: Int, of total: Int) {
    reporter.advance(activity, completed: completed, of: total)
  }

  private func append(_ message: String) {
    let formatter = DateFormatter()
    formatter.locale = Locale(identifier: "en_US_POSIX")
    formatter.dateFormat = "yyyy-MM-dd HH:mm:ss.SSSSSS"
    let line = "\(formatter.string(from: Date())): \(message)\n"
    // A log that cannot be written must not end a training that takes days.
    handle.withLock { try? $0.write(contentsOf: Data(line.utf8)) }
  }
}
