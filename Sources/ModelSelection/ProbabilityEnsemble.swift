import Archives
import Arrays
package import Evaluation
package import Foundation
package import HostSystem
import Imaging
import Inference
import Plans

/// Averages the probabilities that several predictions of the same cases kept (`-z`).
///
/// Follows nnU-Net v1 (`nnUNet_ensemble`): the mean over the folders is rounded to half precision
/// before the most probable label is taken, the lowest of equal ones. Files are read in parallel,
/// one label after the other, so that memory does not grow with labels or folders.
package struct ProbabilityEnsemble: Sendable {
  /// The folders with `CASE.npz` and `CASE.json`.
  package var folders: [URL]
  /// Whether the mean probabilities are also written.
  package var savesProbabilities = false
  /// Cases to process at once.
  package var threads: Int

  package init(folders: [URL], threads: Int) {
    precondition(!folders.isEmpty)
    self.folders = folders
    self.threads = threads
  }

  /// The cases of the folders.
  ///
  /// - Throws: ``ModelSelectionError`` naming what one folder has and another has not.
  package func cases() throws -> [String] {
    let found = folders.map(cases)
    let all = found.reduce(Set()) { $0.union($1) }
    guard !all.isEmpty else {
      throw ModelSelectionError.noProbabilities(folders: folders.map(\.path))
    }
    let missing = zip(folders, found).flatMap { folder, cases in
      all.subtracting(cases).sorted().map { ProbabilitiesFile.archive(of: $0, in: folder).path }
    }
    guard missing.isEmpty else { throw ModelSelectionError.filesMissing(missing) }
    return all.sorted()
  }

  /// The cases that all folders have.
  package func commonCases() -> [String] {
    let found = folders.map(cases)
    return found.dropFirst().reduce(found[0]) { $0.intersection($1) }.sorted()
  }

  /// Averages the probabilities of each case and writes its segmentation.
  ///
  /// - Parameters:
  ///   - cases: The cases' identifiers.
  ///   - output: The folder of the segmentations, which is created if it is missing.
  ///   - postprocessing: The postprocessing that is applied before a segmentation is written.
  ///   - reporter: Receives the progress.
  /// - Throws: `EvaluationError.casesFailed(_:)` naming the cases that failed, after all others are
  ///   done, and `FileError` if the folder cannot be made.
  package func average(
    _ cases: [String], into output: URL, postprocessing: Postprocessing? = nil,
    reporter: any Reporter = SilentReporter()
  ) throws {
    try makeFolder(at: output)
    let counter = StepCounter("averaging", total: cases.count, reporter: reporter)
    let failures = CaseFailures()
    let endings = folders.map(FileEnding.init(ofImagesIn:))
    forEachInParallel(count: cases.count, threads: threads) { index in
      failures.collect(cases[index]) {
        try average(cases[index], endings, into: output, postprocessing)
      }
      counter.step()
    }
    try EvaluationError.throwIfAny(failures)
  }

  private func cases(in folder: URL) -> Set<String> {
    let names = (try? fileNames(in: folder, endingWith: ".npz")) ?? []
    return Set(names.compactMap { $0.dropping(suffix: ".npz").map(String.init) })
  }

  private func average(
    _ name: String, _ endings: [FileEnding], into output: URL, _ postprocessing: Postprocessing?
  ) throws {
    let inputs = try folders.map { folder in
      try StoredProbabilities(at: ProbabilitiesFile.archive(of: name, in: folder))
    }
    guard inputs.allSatisfy({ $0.shape == inputs[0].shape }) else {
      throw ModelSelectionError.differentShapes(case: name, shapes: inputs.map(\.shape))
    }
    let places = zip(folders, endings).map { CasePlace(folder: $0, name: name, ending: $1) }
    let schemes = try places.map { try $0.labelScheme() }
    guard Set(schemes).count == 1 else {
      throw ModelSelectionError.differentRegions(case: name)
    }
    let channels = inputs[0].shape[0]
    guard schemes[0].fits(channels) else {
      throw ModelSelectionError.impossibleLabels(
        case: name, channels: channels, regions: schemes[0].regionsClassOrder)
    }
    let geometry = try places[0].geometry(shape: Array(inputs[0].shape.dropFirst()))
    let writer =
      savesProbabilities
      ? try NPZWriter(to: ProbabilitiesFile.archive(of: name, in: output)) : nil
    let labels = try mostProbable(inputs, scheme: schemes[0], writer: writer)
    if let writer {
      try writer.finish()
      try places[0].copyProperties(to: output)
    }
    var segmentation = LabelVolume(labels: labels, geometry: geometry)
    postprocessing?.apply(to: &segmentation)
    try VolumeFile.write(segmentation, to: output.appending(path: endings[0].fileName(of: name)))
  }

  private func mostProbable(
    _ inputs: [StoredProbabilities], scheme: LabelScheme, writer: NPZWriter?
  ) throws -> DenseArray<UInt8> {
    let shape = inputs[0].shape
    let voxels = shape.dropFirst().trustedProduct
    var labels = [UInt8](repeating: 0, count: voxels)
    var best = [Float](repeating: -.infinity, count: scheme == .labels ? voxels : 0)
    let part = min(voxels, 1 << 18)
    var sum = [Float](repeating: 0, count: part)
    try writer?.begin(ProbabilitiesFile.arrayName, shape: shape, as: HalfPrecision.self)
    for channel in 0..<shape[0] {
      for start in stride(from: 0, to: voxels, by: max(part, 1)) {
        let count = min(part, voxels - start)
        try addInputs(inputs, count: count, to: &sum)
        if let writer {
          try sum[..<count].map { HalfPrecision($0) }.withUnsafeBufferPointer(writer.append)
        }
        switch scheme {
        case .labels:
          for index in 0..<count where sum[index] > best[start + index] {
            best[start + index] = sum[index]
            labels[start + index] = UInt8(channel)
          }
        case .regions(let order):
          for index in 0..<count where sum[index] > 0.5 {
            labels[start + index] = UInt8(order[channel])
          }
        }
      }
    }
    try writer?.end()
    return DenseArray(shape: Array(shape.dropFirst()), scalars: labels)
  }

  /// The mean of the next `count` numbers of all inputs, rounded to half precision.
  private func addInputs(
    _ inputs: [StoredProbabilities], count: Int, to sum: inout [Float]
  ) throws {
    for index in 0..<count { sum[index] = 0 }
    for input in inputs { try input.addNext(count, to: &sum) }
    let divisor = Float(inputs.count)
    for index in 0..<count { sum[index] = HalfPrecision(sum[index] / divisor).float }
  }
}
