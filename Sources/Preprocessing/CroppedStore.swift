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
    try JSONFile.write(properties, to: files.properties(identifier))
  }

  /// Writes a case.
  public func write(_ cropped: CroppedCase, _ identifier: String) throws {
    try files.write(
      data: cropped.data, labels: cropped.labels, properties: cropped.properties, identifier)
  }

  /// Opens a case without reading its voxels.
  public func open(_ identifier: String) throws -> MappedCase {
    let properties = try properties(of: identifier)
    let shape = [properties.imageFiles.count + 1] + properties.sizeAfterCropping
    return MappedCase(
      identifier: identifier, properties: properties,
      array: try files.map(identifier, expecting: shape))
  }

  /// Reads a case.
  public func read(_ identifier: String) throws -> CroppedCase {
    let mapped = try open(identifier)
    return CroppedCase(
      data: mapped.loadedData(), labels: mapped.loadedLabels(), properties: mapped.properties)
  }

  /// Deletes a case.
  public func remove(_ identifier: String) throws { try files.remove(identifier) }

  /// Whether a case is complete and not older than the files that it is made from.
  func isCurrent(_ identifier: String, imageFiles: [URL], labelFile: URL?) -> Bool {
    guard let mapped = try? open(identifier), mapped.properties.imageFiles.count == imageFiles.count
    else { return false }
    let made = modificationTime(files.array(identifier))
    let inputs = (imageFiles + [labelFile].compactMap { $0 }).map(modificationTime)
    return inputs.allSatisfy { input in input.map { $0 <= made ?? 0 } ?? false }
  }

  private func modificationTime(_ file: URL) -> Double? {
    var status = stat()
    guard stat(file.path, &status) == 0 else { return nil }
    return Double(status.st_mtim.tv_sec) + Double(status.st_mtim.tv_nsec) * 1e-9
  }
}
