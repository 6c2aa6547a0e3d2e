public import Foundation
import HostSystem
import Synchronization

/// A web server on this machine that serves files from memory, with faults that a test chooses.
///
/// One thread answers one connection after the other.
public final class FileServer: Sendable {
  /// A file, and how it is served.
  public struct File: Sendable {
    /// The body of the answer.
    public var content: Data
    /// Sent unchanged, such as `ETag`.
    public var headers: [String: String] = [:]
    /// For each request in turn: the number of bytes of the body after which the connection is cut.
    public var cuts: [Int] = []
    /// Whether a request for a range gets that part; otherwise it gets the whole file.
    public var honoursRanges = true
    /// Sent as the length instead of the true one.
    public var announcedLength: String?
    /// Sent instead of the file if it is not 200.
    public var status = 200

    /// Creates a file that is served correctly.
    public init(_ content: Data) { self.content = content }
  }

  /// A request that was made.
  public struct Request: Sendable, Equatable {
    /// The path after the address, beginning with `/`.
    public var path: String
    /// The `Range` header, such as `bytes=100-`; nil without one.
    public var range: String?
  }

  private struct State {
    var files: [String: File]
    var seen: [Request] = []
  }

  private let state: Mutex<State>
  private let listener: Int32
  /// `http://127.0.0.1:PORT`.
  public let address: String

  /// Starts a server of files by their paths, at a free port.
  public init(_ files: [String: File]) throws {
    state = Mutex(State(files: files))
    let port: UInt16
    (listener, port) = try loopbackSocket()
    address = "http://127.0.0.1:\(port)"
    guard listen(listener, 8) == 0 else { throw POSIXError(.EADDRNOTAVAIL) }
    let thread = Thread { [self] in serve() }
    thread.start()
  }

  /// Ends the server.
  ///
  /// Its thread closes the socket: closed here, its number could belong to another server's socket by the time
  /// the thread takes the next connection from it.
  public func stop() { shutdown(listener, Int32(SHUT_RDWR)) }

  /// All requests so far.
  public var requests: [Request] { state.withLock { $0.seen } }

  /// Replaces or removes a file.
  public func set(_ path: String, to file: File?) { state.withLock { $0.files[path] = file } }

  private func serve() {
    defer { close(listener) }
    while true {
      let connection = accept(listener, nil, nil)
      guard connection >= 0 else { return }
      answer(connection)
      close(connection)
    }
  }

  private func answer(_ connection: Int32) {
    let lines = readHead(connection).components(separatedBy: "\r\n")
    let path = lines[0].split(separator: " ").dropFirst().first.map(String.init) ?? ""
    func header(_ name: String) -> String? {
      lines.first { $0.lowercased().hasPrefix(name + ":") }.map {
        String($0.dropFirst(name.count + 1)).trimmingCharacters(in: .whitespaces)
      }
    }
    let (file, cut) = state.withLock { state -> (File?, Int?) in
      state.seen.append(Request(path: path, range: header("range")))
      let cut = state.files[path]?.cuts.first
      if cut != nil { state.files[path]?.cuts.removeFirst() }
      return (state.files[path], cut)
    }
    guard let file, file.status == 200 else {
      let status = file?.status ?? 404
      send(
        "HTTP/1.1 \(status) No\r\nContent-Length: 3\r\nConnection: close\r\n\r\nno\n", connection)
      return
    }
    let isSame = header("if-range").map { $0 == file.headers["ETag"] } ?? true
    var start = 0
    if file.honoursRanges, isSame, let range = header("range"), range.hasPrefix("bytes=") {
      start = Int(range.dropFirst(6).prefix { $0 != "-" }) ?? 0
    }
    var head = "HTTP/1.1 \(start > 0 ? "206 Partial Content" : "200 OK")\r\n"
    let total = file.content.count
    if start > 0 { head += "Content-Range: bytes \(start)-\(total - 1)/\(total)\r\n" }
    head += "Content-Length: \(file.announcedLength ?? "\(total - start)")\r\nConnection: close\r\n"
    for (name, value) in file.headers { head += "\(name): \(value)\r\n" }
    send(head + "\r\n", connection)
    let body = file.content.dropFirst(start)
    send(Data(body.prefix(cut ?? body.count)), connection)
  }

  private func readHead(_ connection: Int32) -> String {
    var bytes: [UInt8] = []
    var byte: UInt8 = 0
    while bytes.suffix(4) != [13, 10, 13, 10], recv(connection, &byte, 1, 0) == 1 {
      bytes.append(byte)
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private func send(_ text: String, _ connection: Int32) { send(Data(text.utf8), connection) }

  private func send(_ data: Data, _ connection: Int32) {
    data.withUnsafeBytes { bytes in
      var done = 0
      while done < bytes.count {
        let sent = Foundation.send(
          connection, bytes.baseAddress! + done, bytes.count - done, Int32(MSG_NOSIGNAL))
        guard sent > 0 else { return }
        done += sent
      }
    }
  }
}
