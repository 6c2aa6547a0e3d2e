import Foundation
import HostSystem

/// The bytes of an unfinished download, and what the server said about the complete file.
final class PartialFile {
  /// The received bytes.
  let bytes: URL
  private let record: URL
  private var known: Record

  private struct Record: Codable {
    var address: String
    /// The server's name of this version of the file.
    var version: String?
    var digest: String?
  }

  /// The existing part of `address`; empty if it belongs to another address.
  init(of address: String, beside file: URL) {
    bytes = file.appendingPathExtension("part")
    record = bytes.appendingPathExtension("json")
    known = Record(address: address)
    let stored = (try? Data(contentsOf: record)).flatMap {
      try? JSONDecoder().decode(Record.self, from: $0)
    }
    // Without the version, it is unknown whether the rest belongs to the same file.
    if let stored, stored.address == address, stored.version != nil {
      known = stored
    } else {
      remove()
    }
  }

  /// The number of existing bytes.
  var size: Int {
    fileSize(bytes) ?? 0
  }

  /// The server's name of the version that the bytes belong to.
  var version: String? { known.version }

  /// The digest that the server announced.
  var announcedDigest: FileDigest? {
    get throws(DownloadError) {
      guard let digest = known.digest else { return nil }
      return try FileDigest(parsing: digest)
    }
  }

  /// Stores what the headers of an answer say about the file.
  func remember(_ headers: [String: String]) {
    let tag = headers["etag"]
    // Weak tags do not guarantee equal bytes.
    known.version = tag.flatMap { $0.begins(with: "W/") ? nil : $0 } ?? headers["last-modified"]
    known.digest = Self.digest(in: headers)?.description
    if let data = try? JSONEncoder().encode(known) { try? AtomicFile.write(data, to: record) }
  }

  /// Deletes the bytes and the record.
  func remove() {
    unlink(bytes.path)
    unlink(record.path)
  }

  /// The digest in `Repr-Digest`, `Digest`, `Content-MD5` or in an `ETag` like `"md5:…"`.
  private static func digest(in headers: [String: String]) -> FileDigest? {
    for name in ["repr-digest", "digest"] {
      let items = headers[name, default: ""].parts(at: ",")
      for item in items.map({ $0.trimmingCharacters(in: .whitespaces) }) {
        // The name in upper or lower case, then Base64 with or without colons.
        let parts = item.parts(at: "=", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "sha-256" else { continue }
        let text = parts[1].substituting(":", with: "")
        if let digest = digest(.sha256, base64: text) { return digest }
      }
    }
    if let text = headers["content-md5"] {
      if let digest = digest(.md5, base64: text) { return digest }
      // Some servers write the digits instead of Base64.
      if let digest = try? FileDigest(parsing: "md5:\(text)") { return digest }
    }
    let tag = headers["etag", default: ""].trimmingCharacters(in: .init(charactersIn: "\""))
    return try? FileDigest(parsing: tag)
  }

  private static func digest(_ algorithm: FileDigest.Algorithm, base64 text: String) -> FileDigest?
  {
    guard let bytes = Data(base64Encoded: text), bytes.count == algorithm.byteCount else {
      return nil
    }
    return FileDigest(algorithm: algorithm, bytes: Array(bytes))
  }
}
