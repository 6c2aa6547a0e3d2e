import Arrays
public import Foundation
import HostSystem

/// Named float arrays and text in one file, in Hugging Face's safetensors format.
///
/// The format is a JSON header with offsets, then the raw elements: nothing in it is executed, and
/// every Python installation can read it (`safetensors.numpy.load_file`).
/// Format: https://huggingface.co/docs/safetensors
public struct SafetensorsFile: Sendable, Equatable {
  /// Free text, by key.
  package var metadata: [String: String]
  /// The arrays, in file order.
  package var arrays: [NamedArray]

  /// Creates the content of a file, with the arrays in their stored order.
  public init(metadata: [String: String], arrays: [NamedArray]) {
    self.metadata = metadata
    self.arrays = arrays
  }

  private struct Entry: Codable {
    var dtype: String
    var shape: [Int]
    /// The first byte after the header and the one after the last.
    var offsets: [Int]

    enum CodingKeys: String, CodingKey {
      case dtype, shape
      case offsets = "data_offsets"
    }
  }

  /// A value in the header: a tensor's entry or the metadata.
  private enum HeaderValue: Codable {
    case entry(Entry)
    case metadata([String: String])

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let metadata = try? container.decode([String: String].self) {
        self = .metadata(metadata)
      } else {
        self = .entry(try container.decode(Entry.self))
      }
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      switch self {
      case .entry(let entry): try container.encode(entry)
      case .metadata(let metadata): try container.encode(metadata)
      }
    }
  }

  /// Writes a temporary file, syncs it and renames it to `url`.
  package func write(to url: URL) throws {
    var header: [String: HeaderValue] = [:]
    if !metadata.isEmpty { header["__metadata__"] = .metadata(metadata) }
    var offset = 0
    for array in arrays {
      precondition(header[array.name] == nil, "array \(array.name) is written twice")
      let end = offset + array.array.count * MemoryLayout<Float>.stride
      header[array.name] = .entry(
        Entry(dtype: "F32", shape: array.array.shape, offsets: [offset, end]))
      offset = end
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    var text = try encoder.encode(header)
    // Elements start at a multiple of eight, as the format requires.
    text.append(Data(repeating: UInt8(ascii: " "), count: (8 - text.count % 8) % 8))
    var prefix = Data()
    withUnsafeBytes(of: UInt64(text.count).littleEndian) { prefix.append(contentsOf: $0) }
    try AtomicFile.write(to: url) { (writer) throws(FileError) in
      try writer.write(prefix)
      try writer.write(text)
      for array in arrays {
        let failure: FileError? = array.array.scalars.withUnsafeBytes { bytes in
          do throws(FileError) {
            try writer.write(bytes)
            return nil
          } catch {
            return error
          }
        }
        if let failure { throw failure }
      }
    }
  }

  /// Reads a file.
  ///
  /// Offsets are checked against the file's size before any memory is allocated.
  ///
  /// - Parameters:
  ///   - url: The file.
  ///   - isIncluded: Which arrays to read; all by default.
  /// - Throws: `CheckpointError`, `FileError`.
  public init(
    contentsOf url: URL, where isIncluded: (String) -> Bool = { _ in true }
  ) throws {
    let file = try MappedFile(at: url)
    defer { withExtendedLifetime(file) {} }
    let (header, start) = try Self.header(of: file.bytes, path: url.path)
    let content = UnsafeRawBufferPointer(rebasing: file.bytes[start...])
    metadata = [:]
    var entries: [(name: String, entry: Entry)] = []
    for (name, value) in header {
      switch value {
      case .metadata(let text): metadata = text
      case .entry(let entry): if isIncluded(name) { entries.append((name, entry)) }
      }
    }
    entries.sort { ($0.entry.offsets.first ?? 0, $0.name) < ($1.entry.offsets.first ?? 0, $1.name) }
    var reached = 0
    arrays = try entries.map { name, entry in
      let place = try Self.place(of: entry, name, in: content, behind: reached, path: url.path)
      reached = entry.offsets[1]
      return NamedArray(
        name: name,
        array: DenseArray(shape: entry.shape) { buffer in
          UnsafeMutableRawBufferPointer(buffer).copyMemory(from: place)
        })
    }
    try file.requireWhole()
  }

  /// The entries of a file and the positions of their arrays.
  private static func header(
    of bytes: UnsafeRawBufferPointer, path: String
  ) throws(CheckpointError) -> (entries: [String: HeaderValue], end: Int) {
    guard bytes.count >= 8 else {
      throw .notSafetensors(path: path, reason: "it has \(bytes.count) bytes")
    }
    let length = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
    guard length <= UInt64(bytes.count - 8), length <= 100_000_000 else {
      throw .notSafetensors(
        path: path, reason: "its header claims \(length) bytes of \(bytes.count)")
    }
    let end = 8 + Int(length)
    do {
      let data = Data(bytes[8..<end])
      return (try JSONDecoder().decode([String: HeaderValue].self, from: data), end)
    } catch {
      throw .notSafetensors(path: path, reason: "its header is not the expected JSON")
    }
  }

  /// The bytes of an array, which must follow those that were read before.
  private static func place(
    of entry: Entry, _ name: String, in content: UnsafeRawBufferPointer, behind reached: Int,
    path: String
  ) throws(CheckpointError) -> UnsafeRawBufferPointer {
    guard entry.dtype == "F32" else {
      throw .unsupportedType(path: path, name: name, type: entry.dtype)
    }
    let (count, overflow) = entry.shape.reduce((1, false)) { partial, extent in
      let (product, overflow) = partial.0.multipliedReportingOverflow(by: extent)
      return (product, partial.1 || overflow || extent < 0)
    }
    // Overlapping arrays could need much memory for a small file.
    guard !overflow, entry.offsets.count == 2, entry.offsets[0] >= reached,
      entry.offsets[1] >= entry.offsets[0], entry.offsets[1] <= content.count,
      count <= content.count / 4, entry.offsets[1] - entry.offsets[0] == count * 4
    else {
      throw .notSafetensors(path: path, reason: "the place of \(name) does not fit the file")
    }
    return UnsafeRawBufferPointer(rebasing: content[entry.offsets[0]..<entry.offsets[1]])
  }
}
