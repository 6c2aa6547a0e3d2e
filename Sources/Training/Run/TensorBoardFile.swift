import Foundation
import HostSystem
import Synchronization

/// A file of scalars for TensorBoard.
///
/// Records of the TFRecord format (length, its checksum, data, its checksum), each a protocol buffer
/// `Event`. Both are documented at https://www.tensorflow.org/tutorials/load_data/tfrecord and in
/// TensorFlow's `event.proto` and `summary.proto`.
final class TensorBoardFile: Sendable {
  private let handle: Mutex<FileHandle>
  private let url: URL

  /// Begins a file in a folder; TensorBoard reads all files of a folder as one run.
  ///
  /// - Parameters:
  ///   - folder: The folder, which exists.
  ///   - time: The time of creation, in seconds since 1970; part of the name.
  ///   - step: The first epoch of a resumed training, 0 for a new one. TensorBoard drops what older
  ///     files hold from there on.
  /// - Throws: `FileError.cannotWrite(path:reason:)`.
  init(in folder: URL, at time: Double, resumingAt step: Int) throws(FileError) {
    let host = ProcessInfo.processInfo.hostName
    let process = ProcessInfo.processInfo.processIdentifier
    url = folder.appending(
      path: "events.out.tfevents.\(Int(trusted: time)).\(host).\(process).nnunet")
    var start = Self.record(Self.versionEvent(time: time))
    if step > 0 { start += Self.record(Self.restartEvent(time: time, step: step)) }
    try AtomicFile.write(start, to: url)
    handle = Mutex(try .appending(to: url))
  }

  deinit { handle.withLock { try? $0.close() } }

  /// Appends values by their tags; those that are not finite are skipped.
  func append(
    _ values: [(tag: String, value: Double)], step: Int, at time: Double
  ) throws(FileError) {
    let finite = values.filter { $0.value.isFinite }
    let data = Self.record(Self.summaryEvent(finite, time: time, step: step))
    do {
      try handle.withLock { try $0.write(contentsOf: data) }
    } catch {
      throw .cannotWrite(path: url.path, reason: "\(error)")
    }
  }
}

// MARK: - Events

extension TensorBoardFile {
  static func versionEvent(time: Double) -> Data {
    event(time: time, step: 0, ProtocolBuffer().text(3, "brain.Event:2").data)
  }

  /// `SessionLog` with the status START: TensorBoard forgets what it knows from this step on.
  static func restartEvent(time: Double, step: Int) -> Data {
    let log = ProtocolBuffer().number(1, 1).data
    return event(time: time, step: step, ProtocolBuffer().message(7, log).data)
  }

  static func summaryEvent(
    _ values: [(tag: String, value: Double)], time: Double, step: Int
  ) -> Data {
    var summary = ProtocolBuffer()
    for (tag, value) in values {
      let entry = ProtocolBuffer().text(1, tag).float(2, Float(value)).data
      summary = summary.message(1, entry)
    }
    return event(time: time, step: step, ProtocolBuffer().message(5, summary.data).data)
  }

  private static func event(time: Double, step: Int, _ content: Data) -> Data {
    var buffer = ProtocolBuffer().double(1, time)
    // Zero is the default, which is not written.
    if step != 0 { buffer = buffer.number(2, UInt64(step)) }
    return buffer.data + content
  }

  /// A record of the TFRecord format.
  static func record(_ data: Data) -> Data {
    let length = withUnsafeBytes(of: UInt64(data.count).littleEndian) { Data($0) }
    func checksum(_ part: Data) -> Data {
      withUnsafeBytes(of: maskedChecksum(part).littleEndian) { Data($0) }
    }
    return length + checksum(length) + data + checksum(data)
  }

  static func maskedChecksum(_ data: Data) -> UInt32 {
    let checksum = castagnoliChecksum(data)
    return ((checksum >> 15) | (checksum << 17)) &+ 0xa282_ead8
  }

  /// CRC-32C, the cyclic redundancy check with Castagnoli's polynomial.
  static func castagnoliChecksum(_ data: Data) -> UInt32 {
    var remainder = UInt32.max
    for byte in data {
      remainder ^= UInt32(byte)
      for _ in 0..<8 {
        remainder = (remainder >> 1) ^ (remainder & 1 == 0 ? 0 : 0x82f6_3b78)
      }
    }
    return ~remainder
  }
}

/// An unfinished protocol buffer: fields by number.
struct ProtocolBuffer {
  private(set) var data = Data()

  func number(_ field: Int, _ value: UInt64) -> ProtocolBuffer {
    adding(key(field, type: 0) + variableLength(value))
  }

  func double(_ field: Int, _ value: Double) -> ProtocolBuffer {
    adding(key(field, type: 1) + bytes(of: value.bitPattern.littleEndian))
  }

  func float(_ field: Int, _ value: Float) -> ProtocolBuffer {
    adding(key(field, type: 5) + bytes(of: value.bitPattern.littleEndian))
  }

  func text(_ field: Int, _ value: String) -> ProtocolBuffer {
    message(field, Data(value.utf8))
  }

  func message(_ field: Int, _ value: Data) -> ProtocolBuffer {
    adding(key(field, type: 2) + variableLength(UInt64(value.count)) + value)
  }

  private func adding(_ more: Data) -> ProtocolBuffer {
    var copy = self
    copy.data.append(more)
    return copy
  }

  private func key(_ field: Int, type: Int) -> Data {
    variableLength(UInt64(field << 3 | type))
  }

  /// Seven bits per byte, the lowest first; the eighth shows that more follow.
  private func variableLength(_ value: UInt64) -> Data {
    var (rest, result) = (value, Data())
    while rest > 127 {
      result.append(UInt8(rest & 127) | 128)
      rest >>= 7
    }
    result.append(UInt8(rest))
    return result
  }

  private func bytes<Value>(of value: Value) -> Data {
    withUnsafeBytes(of: value) { Data($0) }
  }
}
