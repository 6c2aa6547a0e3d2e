import Archives
import Arrays
import Foundation
import HostSystem
import JSON
import Plans

/// The files that cropped and prepared cases share: `CASE.npy`, or `CASE.chunks` if it is
/// compressed, and `CASE.json` in one folder.
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
    let names = try visibleNames(in: url)
    let present = Set(names)
    var arrays: [String] = []
    for name in names {
      guard let identifier = name.dropping(suffix: ".json") else { continue }
      if present.contains("\(identifier).npy") || present.contains("\(identifier).chunks") {
        arrays.append("\(identifier).npy")
      }
    }
    arrays.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    return arrays.compactMap { $0.dropping(suffix: ".npy").map(String.init) }
  }

  /// Writes all files of a case under temporary names.
  ///
  /// The properties come last, so that a case with properties is complete. An existing case with
  /// the name loses its properties first.
  ///
  /// - Parameters:
  ///   - data: The channels, `(channel, z, y, x)`.
  ///   - labels: `(z, y, x)`, of the size of the channels.
  ///   - locations: Rows of class, z, y, x; nil for crops.
  ///   - properties: The content of the case's JSON file.
  ///   - identifier: The case's name.
  ///   - madeFrom: What the case was made from; see ``state(of:madeFrom:)``.
  ///   - compresses: Whether the array is written in compressed chunks.
  ///   - threads: The number of threads to compress with.
  /// - Returns: The files, to be committed in order.
  /// - Throws: `FileError` if an old file cannot be removed or a new one cannot be written.
  func stage(
    data: DenseArray<Float>, labels: DenseArray<Int16>, locations: DenseArray<Int32>? = nil,
    properties: CaseProperties, _ identifier: String, madeFrom: String, compresses: Bool = false,
    threads: Int = 1
  ) throws -> [PendingFile] {
    let (url, other) =
      compresses
      ? (packedArray(identifier), array(identifier)) : (array(identifier), packedArray(identifier))
    try removeIfPresent(self.properties(identifier))
    try removeIfPresent(other)
    var (files, checksums): ([PendingFile], [String: String]) = ([], [:])
    if let locations {
      try add(self.locations(identifier), to: &files, &checksums) {
        try NPYFile.write(joining: [locations], into: $0)
      }
    }
    try add(url, to: &files, &checksums) { file in
      if compresses {
        try ChunkedArrayFile.write(
          joining: [data, labels.map { Float($0) }.reshaped(to: [1] + labels.shape)], into: file,
          path: url.path, threads: threads)
      } else {
        try NPYFile.write(data, followedBy: labels, into: file)
      }
    }
    let metadata = try PendingFile(at: self.properties(identifier))
    try metadata.append(
      JSONFile.encode(
        StoredProperties(
          properties: properties, storage: StorageRecord(checksums: checksums, madeFrom: madeFrom)))
    )
    return files + [metadata]
  }

  private func add(
    _ url: URL, to files: inout [PendingFile], _ checksums: inout [String: String],
    _ write: (PendingFile) throws -> Void
  ) throws {
    let file = try PendingFile(at: url)
    var checksum = Checksum()
    file.observe { checksum.add($0) }
    try write(file)
    files.append(file)
    checksums[url.lastPathComponent] = checksum.text
  }

  /// Whether the case can be kept: what it was made from, and the checksums of its files.
  func state(of identifier: String, madeFrom: String) -> StoredCaseState {
    guard fileExists(properties(identifier)) else { return .outdated }
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
          file: file.path, reason: "its checksum is \(found) instead of \(expected)")
      }
    }
    return .current
  }

  /// What the metadata say about the case and its files.
  func stored(_ identifier: String) throws -> StoredProperties {
    try JSONFile.read(StoredProperties.self, from: properties(identifier))
  }

  /// Replaces the properties and keeps what is known about the files.
  func write(_ properties: CaseProperties, of identifier: String) throws {
    try JSONFile.write(
      StoredProperties(properties: properties, storage: try stored(identifier).storage),
      to: self.properties(identifier))
  }

  /// Opens an array without reading its voxels and checks that it matches the properties.
  func open(
    _ identifier: String, expecting shape: [Int], unpacked: UnpackedCases
  ) throws -> StoredArray {
    let packed = packedArray(identifier)
    let isPacked = fileExists(packed)
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

  /// The size of a case's array on the disk; 0 if there is none.
  func arraySize(of identifier: String) -> Int {
    [array(identifier), packedArray(identifier)].compactMap(fileSize).reduce(0, +)
  }

  /// Deletes a case; the properties first, so that no partial case remains.
  func remove(_ identifier: String) throws(FileError) {
    for file in [
      properties(identifier), array(identifier), packedArray(identifier), locations(identifier),
    ] {
      try removeIfPresent(file)
    }
  }

  private func removeIfPresent(_ file: URL) throws(FileError) {
    // Checked first: unlinking locks the folder for all threads.
    guard fileExists(file), unlink(file.path) != 0, errno != ENOENT else { return }
    throw .cannotWrite(path: file.path, reason: systemReason())
  }
}
