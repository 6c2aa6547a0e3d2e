import CCurl
import Foundation
import HostSystem

/// One request and its answer, by libcurl.
///
/// The answer's body goes to a file; if the answer is a failure, the file is not changed.
final class Transfer {
  /// What the server said.
  struct Answer {
    var status = 0
    /// The headers of the last answer (after redirections), by their lowercase names.
    var headers: [String: String] = [:]
    /// Why the connection ended early; nil if it did not.
    var failure: String?
    /// Whether the body cannot be stored, for example because the disk is full.
    var fileFailure: FileError?
  }

  /// The current number of bytes of the file, and the final one if it is known.
  typealias Progress = (_ received: Int, _ total: Int?) -> Void

  private let address: String
  private let file: URL
  private let start: Int
  private let progress: Progress
  private let accepted: (_ headers: [String: String]) -> Void
  private var answer = Answer()
  private var descriptor: Int32 = -1
  private var position = 0
  private var total: Int?

  /// Creates a request, which ``perform(ifVersion:patience:)`` makes.
  ///
  /// - Parameters:
  ///   - address: The URL.
  ///   - file: The file for the answer's body.
  ///   - start: The number of bytes of the file that already exist.
  ///   - accepted: Called with the answer's headers before the first byte is written.
  ///   - progress: Called whenever bytes have been written.
  init(
    of address: String, to file: URL, startingAt start: Int,
    accepted: @escaping (_ headers: [String: String]) -> Void, progress: @escaping Progress
  ) {
    self.address = address
    self.file = file
    self.start = start
    self.accepted = accepted
    self.progress = progress
  }

  private static let library: Void = { _ = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) }()

  /// Makes the request and waits for the end of the answer.
  ///
  /// - Parameters:
  ///   - version: The version (`ETag`) of the existing bytes; nil if there are none.
  ///   - patience: The number of seconds to wait for a connection, and for the next byte.
  /// - Returns: What the server said, and why the answer ended early if it did.
  func perform(ifVersion version: String?, patience: Int) -> Answer {
    Self.library
    guard let handle = curl_easy_init() else {
      preconditionFailure("libcurl cannot be initialized")
    }
    defer { curl_easy_cleanup(handle) }
    let headers =
      version.map { curl_slist_append(nil, "If-Range: \($0)") } ?? nil
    defer { curl_slist_free_all(headers) }
    set(handle, headers: headers, patience: patience)
    let code = curl_easy_perform(handle)
    // A file without bytes.
    if code == CURLE_OK && descriptor < 0 {
      _ = receive(UnsafeRawBufferPointer(start: nil, count: 0))
    }
    if descriptor >= 0 { close(descriptor) }
    if code != CURLE_OK && answer.fileFailure == nil && !isFailure {
      answer.failure = String(cString: curl_easy_strerror(code))
    }
    return answer
  }

  private func set(
    _ handle: UnsafeMutableRawPointer, headers: UnsafeMutablePointer<curl_slist>?, patience: Int
  ) {
    let context = Unmanaged.passUnretained(self).toOpaque()
    _ = address.withCString { curl_set_pointer(handle, CURLOPT_URL, $0) }
    _ = "nnunet".withCString { curl_set_pointer(handle, CURLOPT_USERAGENT, $0) }
    curl_set_protocols(handle)
    curl_set_number(handle, CURLOPT_FOLLOWLOCATION, 1)
    curl_set_number(handle, CURLOPT_MAXREDIRS, 10)
    curl_set_number(handle, CURLOPT_NOSIGNAL, 1)
    curl_set_number(handle, CURLOPT_CONNECTTIMEOUT, patience)
    curl_set_number(handle, CURLOPT_LOW_SPEED_LIMIT, 1)
    curl_set_number(handle, CURLOPT_LOW_SPEED_TIME, patience)
    // Not CURLOPT_RESUME_FROM, which considers the complete file a failure.
    if start > 0 { _ = "\(start)-".withCString { curl_set_pointer(handle, CURLOPT_RANGE, $0) } }
    curl_set_pointer(handle, CURLOPT_HTTPHEADER, headers)
    curl_set_pointer(handle, CURLOPT_HEADERDATA, context)
    curl_set_receiver(handle, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
      // lint: given below
      let transfer = Unmanaged<Transfer>.fromOpaque(context!).takeUnretainedValue()
      transfer.receiveHeader(UnsafeRawBufferPointer(start: bytes, count: size * count))
      return size * count
    }
    curl_set_pointer(handle, CURLOPT_WRITEDATA, context)
    curl_set_receiver(handle, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
      // lint: given below
      let transfer = Unmanaged<Transfer>.fromOpaque(context!).takeUnretainedValue()
      let chunk = UnsafeRawBufferPointer(start: bytes, count: size * count)
      // Returning fewer bytes than offered ends the transfer.
      return transfer.receive(chunk) ? size * count : 0
    }
  }

  /// Whether the answer's body is an explanation of a failure rather than the file.
  private var isFailure: Bool { answer.status >= 300 }

  private func receiveHeader(_ bytes: UnsafeRawBufferPointer) {
    let line = String(decoding: bytes, as: UTF8.self).trimmingCharacters(
      in: .whitespacesAndNewlines)
    if line.begins(with: "HTTP/") {
      answer.headers = [:]
      answer.status = line.parts(at: " ").dropFirst().first.flatMap { Int($0) } ?? 0
      return
    }
    let parts = line.parts(at: ":", maxSplits: 1, omittingEmpty: false)
    guard parts.count == 2 else { return }
    answer.headers[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces)
  }

  private func receive(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard !isFailure else { return false }
    do throws(FileError) {
      if descriptor < 0 { try openFile() }
      try append(bytes)
    } catch {
      answer.fileFailure = error
      return false
    }
    progress(position, total)
    return true
  }

  /// Opens the file at its end, or at its beginning if the server sends everything.
  private func openFile() throws(FileError) {
    // The status is 0 for file://, which continues where it is asked to.
    let goesOn = answer.status == 206 || answer.status == 0 && start > 0
    position = goesOn ? start : 0
    accepted(answer.headers)
    total = try announcedTotal()
    descriptor = open(file.path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o666)
    guard descriptor >= 0, ftruncate(descriptor, off_t(position)) == 0 else { throw failure() }
  }

  /// The final number of bytes of the file; nil if the server does not state it or states nonsense.
  ///
  /// - Throws: If the disk has too little space for them: better before the first byte than after
  ///   hours.
  private func announcedTotal() throws(FileError) -> Int? {
    guard let text = answer.headers["content-length"], !text.isEmpty,
      text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
    else { return nil }
    let free = freeSpace(in: file.deletingLastPathComponent())
    let rest = Int(text)
    let sum = rest?.addingReportingOverflow(position)
    guard let rest, let sum, !sum.overflow, rest <= free ?? .max else {
      throw .cannotWrite(
        path: file.path,
        reason: "the server announces \(text) bytes, but only \(free ?? 0) are free on the disk")
    }
    return sum.partialValue
  }

  private func append(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
    var done = 0
    while done < bytes.count {
      let written = pwrite(
        descriptor, bytes.baseAddress! + done, bytes.count - done, off_t(position + done))
      if written < 0 && errno == EINTR { continue }
      guard written > 0 else { throw failure() }
      done += written
    }
    position += done
  }

  private func failure() -> FileError {
    .cannotWrite(path: file.path, reason: systemReason())
  }
}
