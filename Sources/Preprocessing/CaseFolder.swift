import Arrays
import Foundation
import HostSystem
import Plans

/// The files that cropped and prepared cases share: `CASE.npy` and `CASE.json` in one folder.
struct CaseFolder: Hashable, Sendable {
  let url: URL

  static let locationsSuffix = "_class_locations"

  func array(_ identifier: String) -> URL { url.appending(path: "\(identifier).npy") }
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
    return names.filter { $0.hasSuffix(".npy") && !$0.hasPrefix(".") }
      .map { String($0.dropLast(4)) }
      .filter { !$0.hasSuffix(Self.locationsSuffix) && present.contains("\($0).json") }
      .sorted { "\($0).npy".utf8.lexicographicallyPrecedes("\($1).npy".utf8) }
  }

  /// Writes the array with the labels as last channel, then the properties: a case with properties
  /// is complete.
  func write(
    data: DenseArray<Float>, labels: DenseArray<Int16>, properties: CaseProperties,
    _ identifier: String
  ) throws {
    try removeIfPresent(self.properties(identifier))
    try NPYFile.write(
      joining: [data, labels.map { Float($0) }.reshaped(to: [1] + labels.shape)],
      to: array(identifier))
    try JSONFile.write(properties, to: self.properties(identifier))
  }

  /// Maps an array and checks that it is the one that the properties describe.
  func map(_ identifier: String, expecting shape: [Int]) throws -> MappedNPY<Float> {
    let file = array(identifier)
    let mapped = try MappedNPY<Float>(at: file)
    guard mapped.shape == shape else {
      throw PreprocessingError.inconsistentCase(
        file: file.path, shape: mapped.shape, expected: shape)
    }
    return mapped
  }

  /// Deletes a case; the properties first, so that no half case is left.
  func remove(_ identifier: String) throws(FileError) {
    for file in [properties(identifier), array(identifier), locations(identifier)] {
      try removeIfPresent(file)
    }
  }

  private func removeIfPresent(_ file: URL) throws(FileError) {
    guard unlink(file.path) != 0, errno != ENOENT else { return }
    throw .cannotWrite(path: file.path, reason: String(cString: strerror(errno)))
  }
}
