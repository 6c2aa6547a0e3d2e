package import Foundation
package import HostSystem
package import Plans

/// Prepares all cropped cases of a task for one or more stages of its plans.
///
/// Cases that are complete and made from the current crop by the same rules are kept, so that an
/// interrupted run continues where it stopped; damaged ones are reported and made again. Prepared
/// cases without a crop are deleted. The label files are copied to `gt_segmentations` of the
/// preprocessed task.
///
/// - Parameters:
///   - plans: The plans.
///   - stages: The stages to prepare; all by default.
///   - cropped: The cropped cases.
///   - crops: The crops' metadata, if they were already read.
///   - task: The task's preprocessed folder; each stage has its own folder in it.
///   - threads: The number of threads of each stage; the last entry also applies to deeper stages.
///   - compresses: Whether the arrays are written in compressed chunks.
///   - overwrites: Whether to make all cases again.
///   - table: What packages added.
///   - reporter: Receives the progress of every case.
/// - Throws: ``PreprocessingError/casesFailed(_:of:)`` after all other cases are done.
package func preprocessTask(
  plans: ExperimentPlans, stages: [Int]? = nil, cropped: CroppedStore, crops: CropCatalog? = nil,
  into task: URL, threads: [Int], compresses: Bool = false, overwrites: Bool = false,
  table: PreprocessingTable = PreprocessingTable(), reporter: any Reporter
) throws {
  let crops = try crops ?? cropped.catalog(threads: threads.max() ?? 1)
  let identifiers = crops.identifiers
  guard !identifiers.isEmpty else {
    throw PreprocessingError.noCases(folder: cropped.folder.path)
  }
  let lock = try FolderLock(folder: task, reporter: reporter)
  defer { withExtendedLifetime(lock) {} }
  sweepLeftovers(in: task, reporter: reporter)
  let stages = stages ?? plans.stages.keys.sorted()
  try copyGroundTruth(from: cropped, into: task)
  for (position, stage) in stages.enumerated() {
    let preprocessor = try Preprocessor(plans: plans, stage: stage, table: table)
    let store = PreparedStore(task: task, plans: plans, stage: stage)
    try makeFolder(at: store.folder)
    sweepLeftovers(in: store.folder, reporter: reporter)
    for identifier in try store.identifiers().namesMissing(in: identifiers) {
      reporter.warn("\(identifier) has no crop; its prepared case was deleted.")
      try store.remove(identifier)
    }
    let queue = CaseQueue(
      threads: threads.isEmpty ? 1 : threads[min(position, threads.count - 1)],
      activity: "Preprocessing \(store.folder.lastPathComponent)", reporter: reporter)
    let rules = preparationSignature(plans, stage: stage, compresses: compresses)
    try queue.run(
      identifiers,
      bytes: { crops[$0].map { preprocessor.estimatedBytes(of: $0.properties) } ?? 0 },
      { identifier, threads in
        let crop = try crops.entry(of: identifier)
        let inputs = "\(rules)-\(crop.signature)"
        guard
          overwrites
            || isOutdated(store.state(of: identifier, madeFrom: inputs), identifier, reporter)
        else { return [] }
        let prepared = try preprocessor.prepare(
          cropped.read(identifier, crop.properties), threads: threads)
        let locations = ClassLocations(
          sampling: prepared.labels, classes: preprocessor.foregroundLabels)
        return try store.stage(
          prepared, locations: locations, identifier, madeFrom: inputs, compresses: compresses,
          threads: threads)
      })
    try syncFolder(at: store.folder)
  }
}

/// Everything that determines how a crop becomes a prepared case.
private func preparationSignature(
  _ plans: ExperimentPlans, stage: Int, compresses: Bool
) -> String {
  var signature = Signature()
  // Increase it with every change of the written data.
  signature.add("preparation 1 \(compresses)")
  signature.add("\(plans.preprocessorName) \(plans.transposeForward) \(plans.foregroundLabels)")
  signature.add("\(plans.stages[stage]?.spacing ?? [])")
  if let convention = plans.statedConvention { signature.add(convention.rawValue) }
  for channel in plans.channelNames.keys.sorted() {
    let scheme = plans.normalizationSchemes[channel]?.rawValue ?? ""
    signature.add("\(scheme) \(plans.usesMaskForNormalization[channel] ?? false)")
    guard let values = plans.fingerprint.intensities?[channel] else { continue }
    signature.add("\(values.mean) \(values.standardDeviation)")
    signature.add("\(values.percentile0p5) \(values.percentile99p5)")
  }
  return signature.text
}

/// Checks that there is enough space for the prepared cases of all stages of some plans.
///
/// - Parameters:
///   - plans: The plans whose cases will be prepared.
///   - crops: The crops of the cases.
///   - task: The task's preprocessed folder.
///   - compresses: Whether the arrays are compressed: then too little space is only a warning.
///   - table: What packages added.
///   - reporter: Receives a warning about too little space.
/// - Throws: ``PreprocessingError/notEnoughSpace(folder:needed:available:purpose:)``.
package func requireSpaceToPrepare(
  _ plans: [ExperimentPlans], crops: CropCatalog, in task: URL, compresses: Bool = false,
  table: PreprocessingTable = PreprocessingTable(), reporter: any Reporter
) throws {
  var bytes = 0
  for plans in plans {
    for stage in plans.stages.keys {
      let preprocessor = try Preprocessor(plans: plans, stage: stage, table: table)
      let store = PreparedStore(task: task, plans: plans, stage: stage)
      for identifier in crops.identifiers {
        bytes += crops[identifier].map { preprocessor.preparedBytes(of: $0.properties) } ?? 0
        bytes -= store.arraySize(of: identifier)
      }
    }
  }
  try requireSpace(
    bytes, in: task,
    for: compresses ? "The prepared cases, if uncompressed," : "The prepared cases",
    warning: compresses ? reporter : nil)
}

/// Makes `gt_segmentations` of the preprocessed task equal to that of the crops.
private func copyGroundTruth(from cropped: CroppedStore, into task: URL) throws {
  let folder = task.appending(path: "gt_segmentations")
  try makeFolder(at: folder)
  let manager = FileManager.default
  let names = Set((try? fileNames(in: cropped.groundTruthFolder)) ?? [])
  for name in names {
    let (source, copy) = (
      cropped.groundTruthFolder.appending(path: name), folder.appending(path: name)
    )
    // This program makes both and replaces them, but never writes them in place, so that they can
    // share one file.
    if link(source.path, copy.path) != 0 { try copyFile(source, to: copy) }
  }
  for name in (try? fileNames(in: folder)) ?? []
  where !names.contains(name) {
    try manager.removeItem(at: folder.appending(path: name))
  }
}

extension Preprocessor {
  /// The approximate memory for preparing a case: the case before and after.
  fileprivate func estimatedBytes(of properties: CaseProperties) -> Int {
    let before = properties.sizeAfterCropping.trustedProduct
    return 4 * (channelCount + 1) * before + 2 * preparedBytes(of: properties)
  }

  /// The size of a prepared case on the disk.
  fileprivate func preparedBytes(of properties: CaseProperties) -> Int {
    let before = properties.sizeAfterCropping.trustedProduct
    let original = transposition.map { properties.originalSpacing[$0] }
    let target = rule.spacing(target: targetSpacing, original: original)
    let growth = zip(original, target).map { $0 / $1 }.reduce(1.0, *)
    let after = growth.isFinite ? Double(before) * growth : 0
    // Rows of four numbers for locations: foreground is usually at most a tenth of an image.
    let locations = min(Double(10_000 * foregroundLabels.count), after / 10)
    return Int(nearest: after * Double(channelCount + 1) * 4 + locations * 16, within: 0...1 << 50)
      ?? 0
  }
}
