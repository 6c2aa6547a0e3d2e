import Archives
import Arrays
import Foundation
import HostSystem
import Plans

/// The files that cropped and prepared cases share: `CASE.npy`, or `CASE.chunks` where it is compressed,
/// and `CASE.json` in one folder.
struct CaseFolder: Hashable, Sendable {
  let url: URL

  static let locationsSuffix = "_class_locations"

  func array(_ identifier: String) -> URL { url.appending(path: "\(identifier).npy") }
  func packedArray(_ identifier: String) -> URL { url.appending(path: "\(identifier).chunks") }
  func properties(_ identifier: String) -> URL { url.appending(path: "\(identifier).json") }
  func locations(_ identifier: String) -> URL {
    url.appending(path: "\(identifier)\(Self.locationsSuffix).npy")
  }

  /// The cases that have an array and properties, sorted as file names are.
  func identifiers() throws(FileError) -> [String] {
    let names: [String]
    do {
      names = try FileManager.default.contentsOfDirectory(atPath: url.path)
    } catch {
      throw .cannotRead(path: url.path, reason: "it is no folder or may not be read")
    }
    let present = Set(names)
    return names.filter { $0.hasSuffix(".json") && !$0.hasPrefix(".") }
      .map { String($0.dropLast(5)) }
      .filter { present.contains("\($0).npy") || present.contains("\($0).chunks") }
      .sorted { "\($0).npy".utf8.lexicographicallyPrecedes("\($1).npy".utf8) }
  }

  /// Writes the array with the labels as last channel, then the properties: a case with properties
  /// is complete.
  ///
  /// - Parameters:
  ///   - madeFrom: What the case is made from; see ``state(of:madeFrom:)``.
  ///   - compresses: Whether the array is written in compressed chunks.
  ///   - threads: The number of threads to compress with.
  func write(
    data: DenseArray<Float>, labels: DenseArray<Int16>, properties: CaseProperties,
    _ identifier: String, madeFrom: String, compresses: Bool = false, threads: Int = 1
  ) throws {
    try removeIfPresent(self.properties(identifier))
    let arrays = [data, labels.map { Float($0) }.reshaped(to: [1] + labels.shape)]
    let (file, other) =
      compresses
      ? (packedArray(identifier), array(identifier)) : (array(identifier), packedArray(identifier))
    if compresses {
      try ChunkedArrayFile.write(joining: arrays, to: file, threads: threads)
    } else {
      try NPYFile.write(joining: arrays, to: file)
    }
    try removeIfPresent(other)
    var checksums: [String: String] = [:]
    for file in [file, locations(identifier)] where isPresent(file) {
      checksums[file.lastPathComponent] = try checksum(ofFileAt: file)
    }
    try JSONFile.write(
      StoredProperties(
        properties: properties, storage: StorageRecord(checksums: checksums, madeFrom: madeFrom)),
      to: self.properties(identifier))
  }

  /// Whether the case can be kept: what it was made from, and the checksums of its files.
  func state(of identifier: String, madeFrom: String) -> StoredCaseState {
    guard isPresent(properties(identifier)) else { return .outdated }
    let stored: StoredProperties
    do {
      stored = try JSONFile.read(StoredProperties.self, from: properties(identifier))
    } catch {
      return .damaged(file: properties(identifier).path, reason: "it cannot be read")
    }
    guard let storage = stored.storage, storage.madeFrom == madeFrom else { return .outdated }
    for (name, expected) in storage.checksums.sorted(by: { $0.key < $1.key }) {
      let file = url.appending(path: name)
      guard let found = try? checksum(ofFileAt: file) else {
        return .damaged(file: file.path, reason: "it cannot be read")
      }
      guard found == expected else {
        return .damaged(
          file: file.path, reason: "its checksum is \(found), it was written with \(expected)")
      }
    }
    return .current
  }

  /// What the metadata say of the files.
  func record(of identifier: String) throws -> StorageRecord? {
    try JSONFile.read(StoredProperties.self, from: properties(identifier)).storage
  }

  /// Replaces the properties and keeps what is known of the files.
  func write(_ properties: CaseProperties, of identifier: String) throws {
    try JSONFile.write(
      StoredProperties(properties: properties, storage: try record(of: identifier)),
      to: self.properties(identifier))
  }

  /// Opens an array without reading its voxels and checks that it is the one that the properties
  /// describe.
  func open(
    _ identifier: String, expecting shape: [Int], unpacked: UnpackedCases
  ) throws -> StoredArray {
    let packed = packedArray(identifier)
    let isPacked = isPresent(packed)
    let array =
      isPacked
      ? StoredArray(try ChunkedArrayFile(at: packed), name: packed.path, unpacked: unpacked)
      : StoredArray(try MappedNPY<Float>(at: array(identifier)))
    guard array.shape == shape else {
      throw PreprocessingError.inconsistentCase(
        file: (isPacked ? packed : self.array(identifier)).path, shape: array.shape,
        expected: shape)
    }
    return array
  }

  /// Deletes a case; the properties first, so that no half case is left.
  func remove(_ identifier: String) throws(FileError) {
    for file in [
      properties(identifier), array(identifier), packedArray(identifier), locations(identifier),
    ] {
      try removeIfPresent(file)
    }
  }

  private func isPresent(_ file: URL) -> Bool {
    FileManager.default.fileExists(atPath: file.path)
  }

  private func removeIfPresent(_ file: URL) throws(FileError) {
    // Looked for first: unlinking locks the folder for all threads.
    guard isPresent(file), unlink(file.path) != 0, errno != ENOENT else { return }
    throw .cannotWrite(path: file.path, reason: String(cString: strerror(errno)))
  }
}
