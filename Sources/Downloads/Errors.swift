import HostSystem

/// A file that could not be fetched.
package enum DownloadError: ExplainedError, Equatable {
  /// The text is not an address.
  case invalidAddress(address: String)
  /// The server answered with a status that means failure.
  case refused(address: String, status: Int)
  /// The connection failed, or was lost too often.
  case interrupted(address: String, reason: String, received: Int, attempts: Int)
  /// The received content is not what was announced.
  case wrongContent(address: String, expected: String, found: String)
  /// A checksum in an unknown format.
  case unknownChecksum(text: String)
  /// This system's OpenSSL refuses an algorithm.
  case notCalculated(algorithm: String)

  package var message: String {
    switch self {
    case .invalidAddress(let address): "\(address.debugDescription) is not the address of a file."
    case .refused(let address, let status):
      "\(address) cannot be downloaded: the server answered with status \(status)\(Self.meaning(status))."
    case .interrupted(let address, let reason, let received, let attempts):
      "\(address) is not complete after \(attempts) attempts (\(received) bytes received): \(reason)."
    case .wrongContent(let address, let expected, let found):
      "The file from \(address) is not the expected one: expected \(expected), "
        + "received \(found)."
    case .unknownChecksum(let text): "The checksum \(text.debugDescription) is not valid."
    case .notCalculated(let algorithm): "This system's OpenSSL does not calculate \(algorithm)."
    }
  }

  package var hint: String? {
    switch self {
    case .invalidAddress: "It must begin with https://, http:// or file://."
    case .refused(_, let status) where status == 404 || status == 410:
      "Check the address in a browser; the file may have moved."
    case .refused: "Try again later, or use a mirror."
    case .interrupted: "Run the command again: it continues where it stopped."
    case .wrongContent:
      "The received file was deleted. Try again; if it happens again, the file on the server has "
        + "changed or is damaged."
    case .unknownChecksum: "Write md5:… or sha256:… with hexadecimal digits."
    case .notCalculated: "Give the file's checksum as sha256:…"
    }
  }

  private static func meaning(_ status: Int) -> String {
    switch status {
    case 401, 403: " (no permission)"
    case 404, 410: " (no such file)"
    case 429: " (too many requests)"
    case 500...: " (server error)"
    default: ""
    }
  }
}
