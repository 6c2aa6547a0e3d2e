import Downloads
import Foundation
import TestSupport
import Testing

@Suite struct DownloadTests {
  private let content = Data((0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) })

  private func digest(_ data: Data) throws -> FileDigest {
    try data.withUnsafeBytes { try FileDigest(.sha256, of: $0) }
  }

  private func download(_ server: FileServer, to folder: URL) -> Download {
    var download = Download(of: server.address + "/a.bin", to: folder.appending(path: "a.bin"))
    download.pause = .milliseconds(1)
    return download
  }

  private func names(in folder: URL) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
  }

  @Test func goesOnWhereTheConnectionWasCut() throws {
    var file = FileServer.File(content)
    file.headers["ETag"] = "\"v1\""
    file.cuts = [100_000, 0, 50_000]
    let server = try FileServer(["/a.bin": file])
    defer { server.stop() }
    let folder = try temporaryFolder()
    var download = download(server, to: folder)
    download.digest = try digest(content)
    try download.run()
    #expect(try Data(contentsOf: download.file) == content)
    #expect(try names(in: folder) == ["a.bin"])
    #expect(
      server.requests.map(\.range) == [nil, "bytes=100000-", "bytes=100000-", "bytes=150000-"])
  }

  /// The largest number ended the program; files that do not fit on the disk are refused
  /// immediately.
  @Test(arguments: ["9223372036854775807", "4611686018427387904", "99999999999999999999"])
  func impossibleLengthsAreRefused(length: String) throws {
    var file = FileServer.File(content)
    file.announcedLength = length
    let server = try FileServer(["/a.bin": file])
    defer { server.stop() }
    let folder = try temporaryFolder()
    var download = download(server, to: folder)
    download.attempts = 1
    #expect(throws: (any Error).self) { try download.run() }
    #expect(!FileManager.default.fileExists(atPath: download.file.path))
  }

  @Test func aLaterCallGoesOnToo() throws {
    var file = FileServer.File(content)
    file.headers["ETag"] = "\"v1\""
    file.cuts = [120_000]
    let server = try FileServer(["/a.bin": file])
    defer { server.stop() }
    let folder = try temporaryFolder()
    var download = download(server, to: folder)
    download.digest = try digest(content)
    download.attempts = 1
    #expect {
      try download.run()
    } throws: { error in
      guard case DownloadError.interrupted(_, _, let received, 1) = error else { return false }
      return received == 120_000
    }
    #expect(try names(in: folder) == ["a.bin.part", "a.bin.part.json"])
    try download.run()
    #expect(try Data(contentsOf: download.file) == content)
    #expect(server.requests.map(\.range) == [nil, "bytes=120000-"])
  }

  /// Bytes of two versions must not be joined, whether the server has tags and ranges or not.
  @Test(arguments: [true, false])
  func anotherVersionBeginsAnew(honoursRanges: Bool) throws {
    var file = FileServer.File(content)
    file.headers["ETag"] = "\"v1\""
    file.cuts = [120_000]
    file.honoursRanges = honoursRanges
    let server = try FileServer(["/a.bin": file])
    defer { server.stop() }
    var download = download(server, to: try temporaryFolder())
    download.attempts = 1
    #expect(throws: DownloadError.self) { try download.run() }
    let other = Data(content.reversed())
    file.content = other
    file.headers["ETag"] = "\"v2\""
    file.cuts = []
    server.set("/a.bin", to: file)
    try download.run()
    #expect(try Data(contentsOf: download.file) == other)
  }

  @Test func withoutAVersionNothingIsJoined() throws {
    var file = FileServer.File(content)
    file.cuts = [120_000]
    let server = try FileServer(["/a.bin": file])
    defer { server.stop() }
    var download = download(server, to: try temporaryFolder())
    download.attempts = 1
    #expect(throws: DownloadError.self) { try download.run() }
    try download.run()
    #expect(server.requests.map(\.range) == [nil, nil])
    #expect(try Data(contentsOf: download.file) == content)
  }

  @Test func wrongContentIsDeleted() throws {
    var damaged = content
    damaged[150_000] ^= 1
    let server = try FileServer(["/a.bin": FileServer.File(damaged)])
    defer { server.stop() }
    let folder = try temporaryFolder()
    var download = download(server, to: folder)
    download.digest = try digest(content)
    #expect {
      try download.run()
    } throws: { error in
      guard case DownloadError.wrongContent(_, let expected, _) = error else { return false }
      return try expected == digest(content).description
    }
    #expect(try names(in: folder).isEmpty)
  }

  /// As announced by Zenodo and others.
  @Test(arguments: [0, 1, 2, 3])
  func theServersOwnChecksumIsCompared(style: Int) throws {
    let md5 = try content.withUnsafeBytes { try FileDigest(.md5, of: $0) }
    let sha = try digest(content)
    func base64(_ digest: FileDigest) -> String {
      let digits = Array(digest.digits)
      return Data(
        stride(from: 0, to: digits.count, by: 2).map {
          UInt8(String(digits[$0...$0 + 1]), radix: 16)!
        }
      ).base64EncodedString()
    }
    let header = [
      ("ETag", "\"\(md5)\""), ("Content-MD5", md5.digits), ("Content-MD5", base64(md5)),
      ("Repr-Digest", "md5=:AAAA:, sha-256=:\(base64(sha)):"),
    ][style]
    var file = FileServer.File(content)
    file.headers[header.0] = header.1
    let server = try FileServer(["/a.bin": file])
    defer { server.stop() }
    let folder = try temporaryFolder()
    try download(server, to: folder).run()
    file.content[7] ^= 0x80
    server.set("/a.bin", to: file)
    #expect(throws: DownloadError.self) { try download(server, to: folder).run() }
    #expect(try Data(contentsOf: folder.appending(path: "a.bin")) == content)
  }

  @Test(arguments: [(404, 1), (403, 1), (503, 3), (429, 3)])
  func statusesThatMayPassAreTriedAgain(status: Int, requests: Int) throws {
    var file = FileServer.File(content)
    file.status = status
    let server = try FileServer(["/a.bin": file])
    defer { server.stop() }
    let folder = try temporaryFolder()
    var download = download(server, to: folder)
    download.attempts = 3
    #expect(throws: DownloadError.refused(address: download.address, status: status)) {
      try download.run()
    }
    // The server records a request on its own thread.
    waitUntil { server.requests.count >= requests }
    #expect(server.requests.count == requests)
    #expect(try names(in: folder).isEmpty)
  }

  @Test func filesAreFetchedToo() throws {
    let folder = try temporaryFolder()
    let source = folder.appending(path: "source")
    try content.write(to: source)
    let download = Download(of: "file://\(source.path)", to: folder.appending(path: "copy"))
    try download.run()
    #expect(try Data(contentsOf: download.file) == content)
  }

  @Test(arguments: ["", "a.zip", "ftp://localhost/a.zip", "gopher://a"])
  func otherAddressesAreRefused(address: String) throws {
    let folder = try temporaryFolder()
    #expect(throws: DownloadError.invalidAddress(address: address)) {
      try Download(of: address, to: folder.appending(path: "a")).run()
    }
  }
}
