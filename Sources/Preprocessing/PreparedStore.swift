import Arrays
package import Foundation
import HostSystem
import JSON
package import Plans

/// The folder of one stage's prepared cases: `CASE.npy`, `(channel + 1, z, y, x)` in single precision
/// with the labels last, or `CASE.chunks` with the same compressed; `CASE.json`, and `CASE_class_locations.npy`, int32 rows of class, z, y, x.
package struct PreparedStore: Hashable, Sendable {
  /// The folder.
  package var folder: URL { files.url }
  private let files: CaseFolder

  package init(folder: URL) { files = CaseFolder(url: folder) }

  /// The store of a stage in a task's preprocessed folder.
  package init(task: URL, plans: ExperimentPlans, stage: Int) {
    self.init(folder: task.appending(path: "\(plans.dataIdentifier)_stage\(stage)"))
  }

  /// The names of all complete cases, sorted.
  package func identifiers() throws -> [String] { try files.identifiers() }

  /// The properties of a case.
  package func properties(of identifier: String) throws -> CaseProperties {
    try JSONFile.read(CaseProperties.self, from: files.properties(identifier))
  }

  /// Writes a case and the locations of its classes.
  package func write(
    _ prepared: PreparedCase, locations: ClassLocations, _ identifier: String
  ) throws {
    for file in try stage(prepared, locations: locations, identifier) { try file.commit() }
  }

  /// Writes a case and the locations of its classes under temporary names.
  ///
  /// - Parameters:
  ///   - prepared: The case.
  ///   - locations: Some voxels of each class.
  ///   - identifier: The case's name.
  ///   - madeFrom: What the case was made from; see ``state(of:madeFrom:)``.
  ///   - compresses: Whether the array is written in compressed chunks.
  ///   - threads: The number of threads to compress with.
  /// - Returns: The files, to be committed in order.
  /// - Throws: `FileError` if an old file cannot be removed or a new one cannot be written.
  func stage(
    _ prepared: PreparedCase, locations: ClassLocations, _ identifier: String,
    madeFrom: String = "", compresses: Bool = false, threads: Int = 1
  ) throws -> [PendingFile] {
    try files.stage(
      data: prepared.data, labels: prepared.labels, locations: locations.rows,
      properties: prepared.properties, identifier, madeFrom: madeFrom, compresses: compresses,
      threads: threads)
  }

  /// Whether a case can be kept.
  func state(of identifier: String, madeFrom: String) -> StoredCaseState {
    files.state(of: identifier, madeFrom: madeFrom)
  }

  /// The size of a case's array on the disk; 0 if there is none.
  func arraySize(of identifier: String) -> Int { files.arraySize(of: identifier) }

  /// Opens a case without reading its voxels.
  ///
  /// - Parameters:
  ///   - identifier: The case's name.
  ///   - unpacked: Caches unpacked cases, for all cases opened with it.
  /// - Returns: The case, whose array is mapped into memory unless it is compressed.
  /// - Throws: ``PreprocessingError/inconsistentCase(file:shape:expected:)`` if array and
  ///   properties contradict each other; `FileError`, `JSONError`, `NPYError` or `ArchiveError` for
  ///   files that are missing or damaged.
  package func open(
    _ identifier: String, unpacked: UnpackedCases = UnpackedCases(capacity: 0)
  ) throws -> MappedCase {
    let properties = try properties(of: identifier)
    let size = properties.sizeAfterResampling ?? properties.sizeAfterCropping
    return MappedCase(
      identifier: identifier, properties: properties,
      array: try files.open(
        identifier, expecting: [properties.channelCount + 1] + size, unpacked: unpacked))
  }

  /// Some voxels of each class of a case.
  package func classLocations(of identifier: String) throws -> ClassLocations {
    let file = files.locations(identifier)
    let rows = try NPYFile.read(file, as: Int32.self)
    guard rows.rank == 2, rows.shape[1] == 4 else {
      throw PreprocessingError.inconsistentCase(
        file: file.path, shape: rows.shape, expected: [rows.shape.first ?? 0, 4])
    }
    return ClassLocations(rows: rows)
  }

  /// Deletes a case.
  package func remove(_ identifier: String) throws { try files.remove(identifier) }
}
