package import Foundation
package import HostSystem
import Imaging
package import Plans

/// Crops all training cases of a task.
///
/// Crops that are complete and made from the current images and labels are kept; damaged ones are
/// reported and made again. Crops of cases that are no longer in dataset.json are deleted. Label
/// files are copied to `gt_segmentations`, and dataset.json is copied next to the crops.
///
/// - Parameters:
///   - description: The content of dataset.json.
///   - rawTask: The folder with `imagesTr`, `labelsTr` and dataset.json.
///   - store: The folder for the crops.
///   - overwrites: Whether to make all crops again.
///   - threads: The number of threads.
///   - reporter: Receives the progress of every case.
/// - Returns: The names of the cases, sorted.
/// - Throws: ``PreprocessingError/casesFailed(_:of:)`` after all other cases are done.
@discardableResult
package func cropTask(
  _ description: DatasetDescription, rawTask: URL, into store: CroppedStore,
  overwrites: Bool = false, threads: Int, reporter: any Reporter
) throws -> [String] {
  let lock = try FolderLock(folder: store.folder, reporter: reporter)
  defer { withExtendedLifetime(lock) {} }
  try makeFolder(at: store.groundTruthFolder)
  try copyFile(
    rawTask.appending(path: "dataset.json"), to: store.folder.appending(path: "dataset.json"))
  let cases = Dictionary(
    description.training.map { ($0.identifier, $0) }, uniquingKeysWith: { first, _ in first })
  if let name = description.trainingIdentifiers.namesMissing(in: cases.keys).first {
    throw PreprocessingError.twoSpellings(identifier: name)
  }
  try removeSurplus(store, keeping: cases.keys, reporter: reporter)
  for folder in [store.folder, store.groundTruthFolder] {
    sweepLeftovers(in: folder, reporter: reporter)
  }
  let identifiers = cases.keys.sorted()
  let voxels = Dictionary(
    uniqueKeysWithValues: zip(  // lint: keys of a dictionary
      identifiers,
      mapInParallel(count: identifiers.count, threads: threads) { index in
        description.imageFiles(of: identifiers[index], in: rawTask).map(voxelCount).reduce(0, +)
      }))
  // Labels take as much as one more channel.
  let growth =
    4 * Double(description.channelNames.count + 1) / Double(description.channelNames.count)
  let bytes = identifiers.map {
    max(
      (Int(nearest: Double(voxels[$0] ?? 0) * growth, within: 0...1 << 50) ?? 0)
        - store.arraySize(of: $0), 0)
  }
  try requireSpace(
    bytes.reduce(0, +), in: store.folder, for: "The crops, if nothing is cut off,",
    warning: reporter)
  let queue = CaseQueue(threads: threads, activity: "Cropping", reporter: reporter)
  try queue.run(
    identifiers, bytes: { (voxels[$0] ?? 0) * 12 },
    { identifier, _ in
      guard let trainingCase = cases[identifier] else { return [] }
      let images = description.imageFiles(of: identifier, in: rawTask)
      let label = description.labelFile(of: trainingCase, in: rawTask)
      let parts = VolumeFile.files(ofSegmentation: label)
      let truth = try parts.flatMap {
        try stagedCopy(of: $0, at: store.groundTruthFolder.appending(path: $0.lastPathComponent))
      }
      let inputs = signature(ofFiles: images + parts)
      guard
        overwrites
          || isOutdated(store.state(of: identifier, madeFrom: inputs), identifier, reporter)
      else { return truth }
      let raw = try RawCaseReader.read(imageFiles: images, labelFile: label)
      return try truth + store.stage(Cropping.crop(raw), identifier, madeFrom: inputs)
    })
  try syncFolder(at: store.folder)
  return try store.identifiers()
}

/// Whether a stored case must be made again; reports a damaged one.
func isOutdated(
  _ state: StoredCaseState, _ identifier: String, _ reporter: any Reporter
) -> Bool {
  switch state {
  case .current: return false
  case .outdated: return true
  case .damaged(let file, let reason):
    reporter.warn("\(identifier) is damaged and will be prepared again: \(file): \(reason).")
    return true
  }
}

/// Deletes the crops of cases that are no longer in the dataset.
private func removeSurplus(
  _ store: CroppedStore, keeping identifiers: some Sequence<String>,
  reporter: any Reporter
) throws {
  for identifier in try store.identifiers().namesMissing(in: identifiers) {
    reporter.warn(
      "\(identifier) is no longer a training case in dataset.json; its crop in"
        + " \(store.folder.path) is deleted.")
    try store.remove(identifier)
  }
}

/// Copies a file unless the destination is already the same.
func copyFile(_ source: URL, to destination: URL) throws(FileError) {
  for file in try stagedCopy(of: source, at: destination) { try file.commit() }
}

/// The copy of a file, to be committed; nothing if the destination is already the same.
private func stagedCopy(
  of source: URL, at destination: URL
) throws(FileError) -> [PendingFile] {
  guard !areSameFile(source, destination) else { return [] }
  let file = try MappedFile(at: source)
  if fileSize(destination) == file.bytes.count, let old = try? MappedFile(at: destination),
    old.bytes.elementsEqual(file.bytes)
  {
    return []
  }
  let copy = try PendingFile(at: destination)
  try copy.append(file.bytes)
  try file.requireWhole()
  return [copy]
}

/// The number of voxels in a file's header; 0 for a file that cannot be read, which fails with its
/// own error later.
private func voxelCount(_ file: URL) -> Int {
  guard let header = try? VolumeFile.readHeader(at: file) else { return 0 }
  return header.voxelCount * header.channels
}
