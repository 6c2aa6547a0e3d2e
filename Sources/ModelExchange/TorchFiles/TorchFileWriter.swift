import Arrays
import CZlib
import Foundation
import HostSystem

/// Writes files that `torch.load` reads, in the zip layout of PyTorch 1.6.
enum TorchFileWriter {
  /// Writes an object whose tensors refer to `storages` by position.
  ///
  /// - Throws: `FileError`, or ``ExchangeError`` for files of 4 GB or more.
  static func write(_ value: PythonValue, storages: [DenseArray<Float>], to url: URL) throws {
    let size = storages.reduce(0) { $0 + $1.count * 4 }
    guard size < 1 << 31 else {
      throw ExchangeError.unsupportedNetwork(
        path: url.path, detail: "files above 2 GB are not written for PyTorch")
    }
    let name = url.deletingPathExtension().lastPathComponent
    let texts: [(String, Data)] = [
      ("\(name)/data.pkl", PickleWriter.pickle(value)), ("\(name)/byteorder", Data("little".utf8)),
    ]
    try AtomicFile.write(to: url) { (file) throws(FileError) in
      var archive = StoredArchiveWriter()
      for (name, data) in texts { try file.write(archive.entry(name, data)) }
      for (index, array) in storages.enumerated() {
        try file.write(archive.entry("\(name)/data/\(index)", Self.bytes(of: array)))
      }
      try file.write(archive.entry("\(name)/version", Data("3\n".utf8)))
      try file.write(archive.end())
    }
  }

  private static func bytes(of array: DenseArray<Float>) -> Data {
    array.scalars.withUnsafeBytes { Data($0) }
  }
}

/// The records of an uncompressed zip archive, in the order in which they are written.
private struct StoredArchiveWriter {
  private var directory = Data()
  private var count = 0
  private var offset = 0

  /// An entry's header and content, aligned as in PyTorch.
  mutating func entry(_ name: String, _ content: Data) -> Data {
    let checksum = content.withUnsafeBytes { bytes in
      crc32(0, bytes.bindMemory(to: UInt8.self).baseAddress, UInt32(bytes.count))
    }
    var common = Data()
    // Version 2.0, names in UTF-8, stored, 1 January 1980.
    for value: UInt16 in [20, 0x0800, 0, 0, 0x21] { append(value, to: &common) }
    append(UInt32(checksum), to: &common)
    append(UInt32(content.count), to: &common)
    append(UInt32(content.count), to: &common)
    append(UInt16(name.utf8.count), to: &common)
    // An extra field "FB" fills up to a multiple of 64 bytes.
    let start = offset + 30 + name.utf8.count + 4
    let padding = (64 - start % 64) % 64
    var record = Data()
    append(UInt32(0x0403_4b50), to: &record)
    record += common
    append(UInt16(4 + padding), to: &record)
    record += Data(name.utf8)
    append(UInt16(0x4246), to: &record)
    append(UInt16(padding), to: &record)
    record += Data(repeating: UInt8(ascii: "Z"), count: padding)
    record += content

    append(UInt32(0x0201_4b50), to: &directory)
    append(UInt16(20), to: &directory)
    directory += common
    for value: UInt16 in [0, 0, 0, 0] { append(value, to: &directory) }
    append(UInt32(0), to: &directory)
    append(UInt32(offset), to: &directory)
    directory += Data(name.utf8)
    count += 1
    offset += record.count
    return record
  }

  /// The directory and the end record.
  func end() -> Data {
    var record = directory
    append(UInt32(0x0605_4b50), to: &record)
    for value in [0, 0, UInt16(count), UInt16(count)] { append(value, to: &record) }
    append(UInt32(directory.count), to: &record)
    append(UInt32(offset), to: &record)
    append(UInt16(0), to: &record)
    return record
  }

  private func append<Value: FixedWidthInteger>(_ value: Value, to data: inout Data) {
    withUnsafeBytes(of: value.littleEndian) { data.append(contentsOf: $0) }
  }
}
