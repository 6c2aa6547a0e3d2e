import Arrays
package import Foundation
import HostSystem
import JSON
package import Plans

/// The folder of a task's cropped cases: `CASE.npy`, `(channel + 1, z, y, x)` in single precision
/// with the labels last, and `CASE.json`.
package struct CroppedStore: Hashable, Sendable {
  /// The folder.
  package var folder: URL { files.url }
  private let files: CaseFolder

  package init(folder: URL) { files = CaseFolder(url: folder) }

  /// The folder for copies of the task's label files, for evaluation.
  package var groundTruthFolder: URL { folder.appending(path: "gt_segmentations") }

  /// The names of all complete cases, sorted.
  package func identifiers() throws -> [String] { try files.identifiers() }

  /// The properties of a case.
  package func properties(of identifier: String) throws -> CaseProperties {
    try JSONFile.read(CaseProperties.self, from: files.properties(identifier))
  }

  /// Replaces the properties of a case.
  package func write(_ properties: CaseProperties, of identifier: String) throws {
    try files.write(properties, of: identifier)
  }

  /// Writes a case.
  package func write(_ cropped: CroppedCase, _ identifier: String) throws {
    for file in try stage(cropped, identifier) { try file.commit() }
  }

  /// Writes a case under temporary names.
  ///
  /// - Parameters:
  ///   - cropped: The case.
  ///   - identifier: The case's name.
  ///   - madeFrom: What the case was made from; see ``state(of:madeFrom:)``.
  /// - Returns: The files, to be committed in order.
  /// - Throws: `FileError` if an old file cannot be removed or a new one cannot be written.
  func stage(
    _ cropped: CroppedCase, _ identifier: String, madeFrom: String = ""
  ) throws -> [PendingFile] {
    try files.stage(
      data: cropped.data, labels: cropped.labels, properties: cropped.properties, identifier,
      madeFrom: madeFrom)
  }

  /// Opens a case without reading its voxels.
  package func open(_ identifier: String) throws -> MappedCase {
    try open(identifier, properties(of: identifier))
  }

  private func open(_ identifier: String, _ properties: CaseProperties) throws -> MappedCase {
    let shape = [properties.channelCount + 1] + properties.sizeAfterCropping
    return MappedCase(
      identifier: identifier, properties: properties,
      array: try files.open(
        identifier, expecting: shape, unpacked: UnpackedCases(capacity: 0)))
  }

  /// Reads a case.
  package func read(_ identifier: String) throws -> CroppedCase {
    try read(identifier, properties(of: identifier))
  }

  /// Reads a case whose properties are known.
  func read(_ identifier: String, _ properties: CaseProperties) throws -> CroppedCase {
    let mapped = try open(identifier, properties)
    return CroppedCase(
      data: try mapped.loadedData(), labels: try mapped.loadedLabels(),
      properties: mapped.properties)
  }

  /// Deletes a case.
  package func remove(_ identifier: String) throws { try files.remove(identifier) }

  /// Whether a case can be kept.
  func state(of identifier: String, madeFrom: String) -> StoredCaseState {
    files.state(of: identifier, madeFrom: madeFrom)
  }

  /// The size of a case's array on the disk; 0 if there is none.
  func arraySize(of identifier: String) -> Int { files.arraySize(of: identifier) }

  /// What the metadata of all crops say.
  package func catalog(threads: Int = 1) throws -> CropCatalog {
    try CropCatalog(of: identifiers(), in: self, threads: threads)
  }

  /// What the metadata say of a case and its files.
  func stored(_ identifier: String) throws -> StoredProperties { try files.stored(identifier) }
}

/// What a crop depends on: names, sizes and times of its images and labels.
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
