import Foundation
import HostSystem

/// Values written as decimal numbers, separated by blanks, line breaks or commas.
final class TextVoxels: VoxelSource {
  private var source: ByteSource
  private let scalar: VoxelScalar
  private let path: String
  private var text: [UInt8] = []
  private var position = 0
  /// No number has more digits.
  private static let longestNumber = 400

  /// Opens a file with text from `offset`.
  init(_ url: URL, from offset: Int, header: VolumeHeader) throws(ImagingError) {
    source = try ByteSource(at: url, from: offset, packing: .plain)
    scalar = header.scalar
    path = url.path
    // Each number takes a digit, and each except the last a separator.
    let fewest = 2 * (header.voxelCount * header.channels) - 1
    guard source.canProvide(fewest) else {
      throw .truncated(path: path, expectedBytes: fewest, availableBytes: source.plainSize)
    }
  }

  func fill(_ buffer: UnsafeMutableRawBufferPointer) throws(ImagingError) -> Int {
    var filled = 0
    while filled < buffer.count, let number = try nextNumber() {
      guard store(number, at: buffer.baseAddress! + filled) else {
        throw .invalidHeader(
          path: path, field: "a voxel", value: number, expected: "a number of type \(scalar)")
      }
      filled += scalar.size
    }
    return filled
  }

  func finish() throws(ImagingError) {}

  private func nextNumber() throws(ImagingError) -> String? {
    try refill()
    while position < text.count, Self.separates(text[position]) {
      position += 1
      try refill()
    }
    guard position < text.count else { return nil }
    let end = text[position...].firstIndex(where: Self.separates) ?? text.count
    defer { position = end }
    return String(decoding: text[position..<end], as: UTF8.self)
  }

  /// Keeps at least one complete number in memory if there is one.
  private func refill() throws(ImagingError) {
    guard text.count - position < Self.longestNumber else { return }
    let more = try source.bytes(upTo: 1 << 14)
    guard !more.isEmpty else { return }
    text = Array(text[position...]) + more
    position = 0
  }

  private static func separates(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: ",") || (9...13).contains(byte)
  }

  private func store(_ number: String, at target: UnsafeMutableRawPointer) -> Bool {
    func put<Value>(_ value: Value?) -> Bool {
      guard let value else { return false }
      target.storeBytes(of: value, as: Value.self)
      return true
    }
    return switch scalar {
    case .uint8: put(UInt8(number))
    case .int8: put(Int8(number))
    case .uint16: put(UInt16(number))
    case .int16: put(Int16(number))
    case .uint32: put(UInt32(number))
    case .int32: put(Int32(number))
    case .uint64: put(UInt64(number))
    case .int64: put(Int64(number))
    case .float32: put(Float(number))
    case .float64: put(Double(number))
    }
  }
}
