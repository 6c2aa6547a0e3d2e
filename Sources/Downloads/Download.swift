package import Foundation
package import HostSystem

/// A file that is fetched over HTTP, despite interruptions, and checked.
///
/// The bytes are kept as `NAME.part` next to the file, and what is known about it as
/// `NAME.part.json`; a later download of the same address continues where this one stopped, if the
/// server still has the same version of the file. The file gets its name when its digest is
/// correct.
package struct Download: Sendable {
  /// The address of the file: `http`, `https` or `file`.
  package var address: String
  /// The file to write.
  package var file: URL
  /// The digest that the file must have; otherwise the one that the server announces, if any.
  package var digest: FileDigest?
  /// Whether to warn if there is no digest to compare with.
  package var needsDigest = true
  /// How often to restore a lost connection.
  package var attempts = 6
  /// The time to wait before the second attempt; it doubles before each further one.
  package var pause: Duration = .seconds(1)
  /// The number of seconds without a byte after which the connection counts as lost.
  package var patience = 60

  package init(of address: String, to file: URL, digest: FileDigest? = nil) {
    self.address = address
    self.file = file
    self.digest = digest
  }

  /// Fetches the file.
  ///
  /// - Throws: ``DownloadError`` or `FileError`. After a lost connection, the received part is
  ///   kept; content with the wrong digest is deleted.
  package func run(
    reporter: any Reporter = SilentReporter()
  ) throws {
    guard let scheme = URL(string: address)?.scheme?.lowercased(),
      ["http", "https", "file"].contains(scheme)
    else { throw DownloadError.invalidAddress(address: address) }
    let partial = PartialFile(of: address, beside: file)
    var wait = pause
    for attempt in 1... {
      let answer = request(partial, reporter: reporter)
      if let failure = answer.fileFailure { throw failure }
      guard let problem = problem(with: answer) else { break }
      if answer.status == 416 { partial.remove() }
      guard problem.isTemporary, attempt < attempts else {
        throw problem.error(address: address, received: partial.size, attempts: attempt)
      }
      reporter.warn("\(problem.text); trying again in \(wait)")
      Thread.sleep(forTimeInterval: wait / .seconds(1))
      wait *= 2
    }
    try finish(partial, reporter: reporter)
  }

  private func request(
    _ partial: PartialFile, reporter: any Reporter
  ) -> Transfer.Answer {
    let start = partial.size
    if start > 0 {
      reporter.note("Continuing after \(start) bytes that were downloaded before")
    }
    let name = URL(string: address)?.lastPathComponent ?? file.lastPathComponent
    let activity = "downloading \(name) (MB)"
    var reported = 0
    let transfer = Transfer(
      of: address, to: partial.bytes, startingAt: start, accepted: { partial.remember($0) },
      progress: { received, total in
        let megabytes = (received + 999_999) / 1_000_000
        guard let total, megabytes != reported else { return }
        reported = megabytes
        reporter.advance(activity, completed: megabytes, of: (total + 999_999) / 1_000_000)
      })
    return transfer.perform(ifVersion: start > 0 ? partial.version : nil, patience: patience)
  }

  private func problem(with answer: Transfer.Answer) -> TransferProblem? {
    if answer.status >= 300 { return .status(answer.status) }
    return answer.failure.map { .connection($0) }
  }

  /// Checks the digest and gives the file its name.
  private func finish(
    _ partial: PartialFile, reporter: any Reporter
  ) throws {
    // What a server announces is no reason to fail where the system forbids the algorithm.
    let announced = try partial.announcedDigest.flatMap { $0.algorithm.isAvailable ? $0 : nil }
    if let expected = digest ?? announced {
      let found = try FileDigest(expected.algorithm, ofFileAt: partial.bytes)
      guard found == expected else {
        partial.remove()
        throw DownloadError.wrongContent(
          address: address, expected: expected.description, found: found.description)
      }
    } else if needsDigest {
      reporter.warn("\(address) has no checksum")
    }
    guard rename(partial.bytes.path, file.path) == 0 else {
      throw FileError.cannotWrite(path: file.path, reason: systemReason())
    }
    partial.remove()
  }
}

/// The problem with one request.
private enum TransferProblem {
  case status(Int)
  case connection(String)

  /// Whether the same request may succeed later; 416 means that the existing part was of no use.
  var isTemporary: Bool {
    switch self {
    case .status(let status): status >= 500 || [408, 416, 429].contains(status)
    case .connection: true
    }
  }

  var text: String {
    switch self {
    case .status(let status): "The server answered with status \(status)"
    case .connection(let reason): reason
    }
  }

  func error(address: String, received: Int, attempts: Int) -> DownloadError {
    switch self {
    case .status(let status): .refused(address: address, status: status)
    case .connection(let reason):
      .interrupted(address: address, reason: reason, received: received, attempts: attempts)
    }
  }
}
