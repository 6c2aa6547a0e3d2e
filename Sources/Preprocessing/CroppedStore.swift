import Arrays
public import Foundation
import HostSystem
public import Plans

/// The folder of a task's cropped cases: `CASE.npy`, `(channel + 1, z, y, x)` in single precision
/// with the labels last, and `CASE.json`.
public struct CroppedStore: Hashable, Sendable {
  /// The folder.
  public var folder: URL { files.url }
  private let files: CaseFolder

  public init(folder: URL) { files = CaseFolder(url: folder) }

  /// Where the task's label files are copied to, for evaluation.
  public var groundTruthFolder: URL { folder.appending(path: "gt_segmentations") }

  /// The names of all complete cases, sorted.
  public func identifiers() throws -> [String] { try files.identifiers() }

  /// The properties of a case.
  public func properties(of identifier: String) throws -> CaseProperties {
    try JSONFile.read(CaseProperties.self, from: files.properties(identifier))
  }

  /// Replaces the properties of a case.
  public func write(_ properties: CaseProperties, of identifier: String) throws {
    try files.write(properties, of: identifier)
  }

  /// Writes a case.
  ///
  /// - Parameter madeFrom: What the case is made from; see ``state(of:madeFrom:)``.
  public func write(
    _ cropped: CroppedCase, _ identifier: String, madeFrom: String = ""
  ) throws {
    try files.write(
      data: cropped.data, labels: cropped.labels, properties: cropped.properties, identifier,
      madeFrom: madeFrom)
  }

  /// Opens a case without reading its voxels.
  public func open(_ identifier: String) throws -> MappedCase {
    let properties = try properties(of: identifier)
    let shape = [properties.imageFiles.count + 1] + properties.sizeAfterCropping
    return MappedCase(
      identifier: identifier, properties: properties,
      array: try files.open(
        identifier, expecting: shape, unpacked: UnpackedCases(capacity: 0)))
  }

  /// Reads a case.
  public func read(_ identifier: String) throws -> CroppedCase {
    let mapped = try open(identifier)
    return CroppedCase(
      data: try mapped.loadedData(), labels: try mapped.loadedLabels(),
      properties: mapped.properties)
  }

  /// Deletes a case.
  public func remove(_ identifier: String) throws { try files.remove(identifier) }

  /// Whether a case can be kept.
  func state(of identifier: String, madeFrom: String) -> StoredCaseState {
    files.state(of: identifier, madeFrom: madeFrom)
  }

  /// What a prepared case depends on of this one: the content of its files.
  func signature(of identifier: String) throws -> String {
    var signature = Signature()
    // Written anew by every version that crops otherwise, as the checksums are.
    signature.add(try JSONFile.encode(try properties(of: identifier)))
    for (name, checksum) in try (files.record(of: identifier)?.checksums ?? [:]).sorted(by: <) {
      signature.add("\(name) \(checksum)")
    }
    return signature.text
  }
}

/// What a crop depends on: name, size and time of its images and labels.
func signature(ofFiles files: [URL]) -> String {
  var signature = Signature()
  signature.add("crop 1")
  for file in files {
    var status = stat()
    guard stat(file.path, &status) == 0 else {
      signature.add("\(file.lastPathComponent) is missing")
      continue
    }
    let time = "\(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)"
    signature.add("\(file.path) \(status.st_size) \(time)")
  }
  return signature.text
}
