import Arrays
public import Evaluation
public import Foundation
public import HostSystem
import Imaging
import Plans
public import Preprocessing

/// Predicts many cases: while the network works on one, the next is prepared and the one before
/// is written.
///
/// At most one prepared case waits for the network and at most one segmentation for being written,
/// so that memory does not grow with the number of cases; with several devices, that many cases are in
/// work at once. A case that fails is reported and the others go on.
public struct FolderPredictor: Sendable {
  public var preprocessor: Preprocessor
  public var volumePredictor: VolumePredictor
  /// The networks whose probabilities are averaged.
  public var predictors: [any TilePredictor]
  public var export: SegmentationExport
  /// The threads with which the next case is prepared.
  public var preprocessingThreads: Int
  /// The segmentations that a cascade's second network needs.
  public var previous: PreviousSegmentations?
  /// Whether probabilities are kept beside the segmentations, see ``ProbabilitiesFile``.
  public var savesProbabilities = false
  /// What is removed from each segmentation before it is written.
  public var postprocessing: Postprocessing?
  /// The memory in bytes that may be taken; nil for all there is.
  public var memoryLimit: Int?
  /// The features of the network's first stage, for the estimate of memory.
  public var baseFeatures = 32
  /// How many cases are predicted at once, for predictors that compute on several devices.
  public var casesAtOnce = 1

  public init(
    preprocessor: Preprocessor, volumePredictor: VolumePredictor,
    predictors: [any TilePredictor], export: SegmentationExport, preprocessingThreads: Int = 1
  ) {
    self.preprocessor = preprocessor
    self.volumePredictor = volumePredictor
    self.predictors = predictors
    self.export = export
    self.preprocessingThreads = preprocessingThreads
  }

  /// Predicts cases into `folder`, as `CASE.nii.gz`.
  ///
  /// - Returns: The cases that failed and why.
  public func predict(
    _ cases: [ImageCase], into folder: URL,
    reporter: any HostSystem.ProgressReporting = SilentReporter()
  ) -> [CaseProblem] {
    let progress = CaseProgress(
      "predicting",
      weights: Dictionary(
        cases.map { ($0.identifier, passes(for: $0)) }, uniquingKeysWith: { first, _ in first }),
      reporter: reporter)
    let line = CaseLine(cases, reporter: reporter) { prepare($0, reporter: reporter) }
    let others = (1..<max(1, min(casesAtOnce, cases.count))).map { _ in
      BackgroundWork { predictCases(of: line, into: folder, progress: progress) }
    }
    predictCases(of: line, into: folder, progress: progress)
    // They throw nothing.
    for work in others { try? work.wait() }
    return line.problems
  }

  /// Predicts cases one after the other until there are no more.
  private func predictCases(of line: CaseLine, into folder: URL, progress: CaseProgress) {
    var exporting: (identifier: String, work: BackgroundWork<Void>)?
    func finishExport() {
      guard let (identifier, work) = exporting else { return }
      exporting = nil
      do { try work.wait() } catch { line.record(error, in: identifier) }
    }
    while let (identifier, prepared) = line.next() {
      do {
        let work = try predict(
          prepared.get(), identifier: identifier, into: folder,
          reporter: progress.reporter(of: identifier))
        finishExport()
        exporting = (identifier, BackgroundWork(work))
      } catch {
        line.record(error, in: identifier)
      }
      progress.finishCase(identifier)
    }
    finishExport()
  }

  /// Runs the network and returns what is left to do: to write the files.
  private func predict(
    _ prepared: PreparedCase, identifier: String, into folder: URL,
    reporter: any HostSystem.ProgressReporting
  ) throws -> @Sendable () throws -> Void {
    let properties = prepared.properties
    let size = Array(prepared.data.shape.dropFirst())
    let outputs = predictors[0].labelCount
    let estimate = MemoryEstimate(
      channels: prepared.data.shape[0], outputs: outputs, size: size,
      originalVoxels: properties.originalSize.trustedProduct, baseFeatures: baseFeatures,
      batchesUnderWay: batchesUnderWay)
    let volumePredictor = try estimate.fitting(scratching(in: folder), within: memoryLimit)
    var assembly = export.assembly(of: properties, outputs: outputs, preparedSize: size)
    let spill =
      savesProbabilities
      ? try ProbabilitySpill(in: folder, outputs: outputs, size: size) : nil
    try volumePredictor.predict(prepared.data, using: predictors, reporter: reporter) { slab in
      assembly.append(slab)
      try spill?.append(slab)
    }
    let (finished, postprocessing, export) = (assembly, postprocessing, export)
    return {
      if let spill {
        try ProbabilitiesFile.write(
          spill, export: export, properties: properties, identifier: identifier, into: folder)
      }
      // The segmentation comes last: where it is, everything is.
      var segmentation = finished.finish()
      postprocessing?.apply(to: &segmentation)
      try NIfTIFile.write(segmentation, to: folder.appending(path: identifier + ".nii.gz"))
    }
  }

  /// Why a case cannot be predicted within the memory, from its header; nil where it can.
  func memoryProblem(of imageCase: ImageCase) -> CaseProblem? {
    do {
      _ = try estimate(of: imageCase)?
        .fitting(scratching(in: imageCase.imageFiles[0]), within: memoryLimit)
      return nil
    } catch {
      return CaseProblem(identifier: imageCase.identifier, error: error)
    }
  }

  /// How many of the cases may be in work at once: `wanted`, or fewer that fit the memory together.
  func casesAtOnce(of cases: [ImageCase], wanted: Int) -> Int {
    guard let memoryLimit, wanted > 1 else { return wanted }
    let largest = cases.compactMap { imageCase in
      try? estimate(of: imageCase)?.bytes(scratching(in: imageCase.imageFiles[0]))
    }.max()
    return largest.map { max(1, min(wanted, memoryLimit / $0)) } ?? wanted
  }

  private func estimate(of imageCase: ImageCase) -> MemoryEstimate? {
    MemoryEstimate(
      header: imageCase, preprocessor: preprocessor, is2D: volumePredictor.patchSize.count == 2,
      outputs: predictors[0].labelCount, baseFeatures: baseFeatures,
      batchesUnderWay: batchesUnderWay)
  }

  /// How often the networks will look at tiles of a case, from its header; 1 where it cannot be read.
  private func passes(for imageCase: ImageCase) -> Int {
    guard let size = estimate(of: imageCase)?.size else { return 1 }
    return volumePredictor.passes(forImageSize: size, using: predictors) ?? 1
  }

  private var batchesUnderWay: Int { predictors.map(\.batchesUnderWay).max() ?? 1 }

  /// The predictor with a place for what would take too much memory.
  private func scratching(in folder: URL) -> VolumePredictor {
    var predictor = volumePredictor
    predictor.scratchFolder = folder
    return predictor
  }

  private func prepare(
    _ imageCase: ImageCase, reporter: any HostSystem.ProgressReporting
  ) -> BackgroundWork<PreparedCase> {
    let (preprocessor, threads, previous) = (preprocessor, preprocessingThreads, previous)
    return BackgroundWork {
      if let previous, preprocessor.normalizesFirst {
        return try previous.prepare(
          imageCase.imageFiles, identifier: imageCase.identifier, by: preprocessor,
          threads: threads)
      }
      var prepared = try preprocessor.preprocessTestCase(
        imageFiles: imageCase.imageFiles, threads: threads, reporter: reporter)
      try previous?.append(
        to: &prepared, identifier: imageCase.identifier,
        transposition: preprocessor.transposition, threads: threads)
      return prepared
    }
  }
}
