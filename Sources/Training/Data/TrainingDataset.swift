import Arrays
import Augmentation
package import Foundation
import Plans
import Preprocessing

/// Prepared cases, mapped into memory, with the locations of their foreground.
package struct TrainingDataset: Sendable {
  struct Case: Sendable {
    let identifier: String
    let mapped: MappedCase
    let locations: ForegroundVoxels
    /// The possible labels; -1 is outside the nonzero mask.
    let labels: ClosedRange<Int16>
    /// In a cascade, the segmentations of the previous configuration.
    let previous: MappedNPY<UInt8>?
  }

  let cases: [Case]

  /// Opens cases of a folder of prepared cases.
  ///
  /// - Parameters:
  ///   - folder: The folder of prepared cases.
  ///   - identifiers: The cases to open.
  ///   - channelCount: The number of channels of a case according to the plans.
  ///   - classCount: The number of labels, including the background.
  ///   - previous: In a cascade, the segmentations of the previous configuration.
  /// - Throws: ``TrainingError`` if a case is missing or does not fit the plans.
  package init(
    folder: URL, identifiers: [String], channelCount: Int, classCount: Int,
    previous: NextStageStore? = nil
  ) throws {
    let store = PreparedStore(folder: folder)
    let present = Set(try store.identifiers())
    guard !present.isEmpty else { throw TrainingError.noPreparedCases(folder: folder.path) }
    let missing = identifiers.filter { !present.contains($0) }
    guard missing.isEmpty else {
      throw TrainingError.missingCases(folder: folder.path, identifiers: missing)
    }
    try previous?.requireAll(identifiers)
    let unpacked = UnpackedCases()
    cases = try identifiers.map { identifier in
      let mapped = try store.open(identifier, unpacked: unpacked)
      guard mapped.channelCount == channelCount else {
        throw TrainingError.wrongChannels(
          identifier: identifier, found: mapped.channelCount, expected: channelCount)
      }
      if let label = mapped.properties.labels.first(where: { $0 >= classCount }) {
        throw TrainingError.labelOutOfRange(
          identifier: identifier, label: label, classes: classCount)
      }
      let rows = try store.classLocations(of: identifier).rows
      return Case(
        identifier: identifier, mapped: mapped, locations: ForegroundVoxels(rows: rows),
        labels: -1...(Int16(exactly: classCount - 1) ?? .max),
        previous: try previous?.open(identifier, expecting: mapped.shape))
    }
  }
}
