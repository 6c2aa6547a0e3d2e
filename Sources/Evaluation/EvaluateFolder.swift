import Arrays
package import Foundation
package import HostSystem
import Imaging
import JSON

/// Compares every segmentation of a folder with the file of the same name in another one and writes
/// `summary.json` next to the predictions.
///
/// - Parameters:
///   - reference: The folder with the true labels.
///   - prediction: The folder with the predicted labels.
///   - labels: The labels to evaluate, each separately.
///   - threads: The number of cases compared at once.
///   - ignoresGeometry: Whether segmentations with another geometry are compared anyway, with a
///     warning.
///   - surfaceTolerance: The tolerance of the normalized surface Dice, mm; nil omits the metrics
///     of surfaces.
///   - name: What was evaluated, for the summary.
///   - task: The task's name, for the summary.
///   - reporter: Receives the progress, and the labels that occur but are not evaluated.
/// - Returns: The summary that was written.
/// - Throws: ``EvaluationError`` that names every missing file, or every case that cannot be
///   compared and why; nothing is written then.
@discardableResult
package func evaluateFolder(
  reference: URL, prediction: URL, labels: [Int],
  threads: Int = ProcessInfo.processInfo.activeProcessorCount, ignoresGeometry: Bool = false,
  surfaceTolerance: Double? = nil, name: String = "", task: String = "",
  reporter: any Reporter = SilentReporter()
) throws -> SegmentationSummary {
  let pairs = try segmentationPairs(reference: reference, prediction: prediction)
  let cases = try evaluate(
    pairs, labels: labels, threads: threads, ignoresGeometry: ignoresGeometry,
    surfaceTolerance: surfaceTolerance, reporter: reporter)
  sweepLeftovers(in: prediction, reporter: reporter)
  let summary = SegmentationSummary(cases: cases, name: name, task: task)
  try JSONFile.write(summary, to: prediction.appendingPathComponent("summary.json"))
  return summary
}

/// A segmentation and its reference.
package struct SegmentationPair: Hashable, Sendable {
  package var reference: URL
  package var prediction: URL

  package init(reference: URL, prediction: URL) {
    self.reference = reference
    self.prediction = prediction
  }
}

/// Computes the metrics of each pair.
///
/// - Throws: ``EvaluationError/casesFailed(_:)`` naming all pairs that cannot be compared.
package func evaluate(
  _ pairs: [SegmentationPair], labels: [Int], threads: Int, ignoresGeometry: Bool = false,
  surfaceTolerance: Double? = nil, reporter: any Reporter
) throws -> [CaseScores] {
  guard !labels.isEmpty else { throw EvaluationError.noLabels }
  if let label = labels.first(where: { !(0...255 ~= $0) }) {
    throw EvaluationError.labelOutOfRange(label)
  }
  let counter = StepCounter("evaluating", total: pairs.count, reporter: reporter)
  let cases = try compare(pairs, threads: threads) { pair throws in
    defer { counter.step() }
    let (reference, prediction) = try readPair(
      pair, ignoresGeometry: ignoresGeometry, reporter: reporter)
    let overlap = LabelOverlap(reference: reference.labels, prediction: prediction.labels)
    var compared = ComparedCase(overlap, of: pair, labels: labels)
    if let surfaceTolerance {
      compared.addDistances(
        of: prediction, to: reference, labels: labels, tolerance: surfaceTolerance)
    }
    return compared
  }
  warnOfLabelsLeftOut(in: cases, evaluated: labels, reporter: reporter)
  return cases.map(\.scores)
}

/// What `body` finds out about each pair.
///
/// - Throws: ``EvaluationError/casesFailed(_:)`` naming all pairs for which it threw.
func compare<Value: Sendable>(
  _ pairs: [SegmentationPair], threads: Int,
  _ body: @Sendable (SegmentationPair) throws -> Value
) throws(EvaluationError) -> [Value] {
  let failures = CaseFailures()
  let values = mapInParallel(count: pairs.count, threads: threads) { index in
    failures.collect(pairs[index].prediction.lastPathComponent) { try body(pairs[index]) }
  }
  try EvaluationError.throwIfAny(failures)
  return values.compactMap(\.self)
}

/// The files in both folders.
private func segmentationPairs(reference: URL, prediction: URL) throws -> [SegmentationPair] {
  let references = try segmentationFiles(in: reference)
  let predictions = try segmentationFiles(in: prediction)
  let missingPredictions = references.filter { !predictions.contains($0) }
  let missingReferences = predictions.filter { !references.contains($0) }
  guard missingPredictions.isEmpty, missingReferences.isEmpty else {
    throw EvaluationError.unmatchedFiles(
      missingPredictions: missingPredictions, predictionFolder: prediction.path,
      missingReferences: missingReferences, referenceFolder: reference.path)
  }
  return predictions.map {
    SegmentationPair(
      reference: reference.appendingPathComponent($0),
      prediction: prediction.appendingPathComponent($0))
  }
}

/// The names of a folder's segmentations, sorted.
func segmentationFiles(in folder: URL) throws -> [String] {
  let names = try fileNames(in: folder)
  let ending = FileEnding(ofImagesAmong: names)
  let isNIfTI = [".nii.gz", ".nii"].contains(ending.text)
  let files = names.filter {
    isNIfTI ? $0.ends(with: ".nii.gz") || $0.ends(with: ".nii") : $0.ends(with: ending.text)
  }
  guard !files.isEmpty else { throw EvaluationError.noSegmentations(folder: folder.path) }
  return files
}

/// Reads a segmentation and its reference and checks that their geometries agree.
func readPair(
  _ pair: SegmentationPair, ignoresGeometry: Bool = false,
  reporter: any Reporter = SilentReporter()
) throws -> (reference: LabelVolume, prediction: LabelVolume) {
  let reference = try VolumeFile.readLabels(at: pair.reference)
  let prediction = try VolumeFile.readLabels(at: pair.prediction)
  guard reference.labels.shape == prediction.labels.shape else {
    throw EvaluationError.shapeMismatch(
      reference: reference.labels.shape, prediction: prediction.labels.shape)
  }
  let distance = largestDistance(
    between: reference.geometry, and: prediction.geometry, shape: reference.labels.shape)
  // A tenth of a voxel is far above the rounding of float32 headers and far below any real shift.
  if !(distance <= 0.1 * (reference.geometry.spacing.min() ?? 0)) {
    let mismatch = EvaluationError.geometryMismatch(
      distance: distance, spacing: reference.geometry.arraySpacing)
    guard ignoresGeometry else { throw mismatch }
    reporter.warn("\(pair.prediction.lastPathComponent): \(mismatch.message)")
  }
  return (reference, prediction)
}

private func warnOfLabelsLeftOut(
  in cases: [ComparedCase], evaluated: [Int], reporter: any Reporter
) {
  let present = Set(cases.flatMap(\.presentLabels)).subtracting(evaluated).subtracting([0])
  guard !present.isEmpty else { return }
  let list = present.sorted().map(String.init).joined(separator: ", ")
  reporter.warn("labels that occur in the segmentations but are not evaluated: \(list)")
}

private struct ComparedCase {
  var scores: CaseScores
  /// The labels that occur in either segmentation.
  var presentLabels: [Int]

  init(_ overlap: LabelOverlap, of pair: SegmentationPair, labels: [Int]) {
    scores = CaseScores(
      reference: pair.reference.path, prediction: pair.prediction.path,
      labels: Dictionary(
        labels.map { ($0, LabelScores(overlap.counts(of: $0))) }, uniquingKeysWith: { $1 }))
    presentLabels = overlap.labels
  }

  /// Adds the metrics of surfaces, measured with the reference's spacing.
  mutating func addDistances(
    of prediction: LabelVolume, to reference: LabelVolume, labels: [Int], tolerance: Double
  ) {
    let boxes = [LabelBoxes(reference.labels), LabelBoxes(prediction.labels)]
    for label in labels {
      let distances = SurfaceDistances(
        of: UInt8(label), reference: reference.labels, prediction: prediction.labels, boxes: boxes,
        spacing: reference.geometry.arraySpacing)
      for metric in Metric.distances {
        scores.labels[label]?.values[metric] = distances.value(of: metric, tolerance: tolerance)
      }
    }
  }
}
