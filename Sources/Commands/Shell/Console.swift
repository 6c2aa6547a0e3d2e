import Foundation

/// Text to the standard output and standard error, unbuffered so that the two keep their order.
///
/// A closed pipe (`nnunet | head -1`) is not an error of the program.
enum Console {
  static func print(_ line: String) { write(line + "\n", to: STDOUT_FILENO) }

  /// Prints a line; on a terminal, it replaces a bar in the line of the cursor.
  static func printToStandardError(_ line: String) {
    let isTerminal = isatty(STDERR_FILENO) == 1
    write((isTerminal ? "\r\u{1B}[K" : "") + line + "\n", to: STDERR_FILENO)
  }

  static func printError(_ message: String) { printToStandardError("error: \(message)") }

  /// Replaces the terminal's line with the cursor.
  static func redrawLine(_ text: String) { write("\r\u{1B}[K" + text, to: STDERR_FILENO) }

  private static func write(_ text: String, to descriptor: Int32) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let written = bytes.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
      if written < 0 && errno == EINTR { continue }
      guard written > 0 else { return }
      bytes = bytes.dropFirst(written)
    }
  }
}
