package import Foundation
package import HostSystem
package import Preprocessing

/// Predicts many cases: while the network works on one, the next is prepared and the previous one
/// is written.
///
/// At most one prepared case waits for the network, and at most one segmentation waits to be
/// written, so that memory does not grow with the number of cases. With several devices, as many
/// cases are processed at once. A case that fails is reported and the others continue.
package struct FolderPredictor: Sendable {
  package var preprocessor: Preprocessor
  package var pipeline: PredictionPipeline
  /// The segmentations that a cascade's second network needs.
  package var previous: PreviousSegmentations?
  /// The number of cases to predict at once, for networks on several devices.
  package var casesAtOnce = 1

  package init(preprocessor: Preprocessor, pipeline: PredictionPipeline) {
    self.preprocessor = preprocessor
    self.pipeline = pipeline
  }

  /// Predicts cases into `folder`, as `CASE.nii.gz`.
  ///
  /// - Returns: The cases that failed and why.
  package func predict(
    _ cases: [ImageCase], into folder: URL,
    reporter: any Reporter = SilentReporter()
  ) -> [CaseFailure] {
    let progress = CaseProgress(
      "predicting",
      weights: Dictionary(
        cases.map { ($0.identifier, passes(for: $0)) }, uniquingKeysWith: { first, _ in first }),
      reporter: reporter)
    let line = CaseLine(cases, reporter: reporter) { prepare($0, reporter: reporter) }
    let others = (1..<max(1, min(casesAtOnce, cases.count))).map { _ in
      Future { predictCases(of: line, into: folder, progress: progress) }
    }
    predictCases(of: line, into: folder, progress: progress)
    for work in others { work.wait() }
    return line.problems
  }

  /// Predicts cases one after the other until there are no more.
  private func predictCases(of line: CaseLine, into folder: URL, progress: CaseProgress) {
    var exporting: (identifier: String, work: Future<Void, any Error>)?
    func finishExport() {
      guard let (identifier, work) = exporting else { return }
      exporting = nil
      do { try work.wait() } catch { line.record(error, in: identifier) }
    }
    while let (identifier, prepared) = line.next() {
      do {
        let prepared = try prepared.get()
        let work = try pipeline.predict(
          prepared.data, properties: prepared.properties, identifier: identifier, into: folder,
          reporter: progress.reporter(of: identifier))
        finishExport()
        exporting = (identifier, Future(work))
      } catch {
        line.record(error, in: identifier)
      }
      progress.finishCase(identifier)
    }
    finishExport()
  }

  /// Why a case cannot be predicted with the available memory, from its header; nil if it can.
  package func memoryProblem(of imageCase: ImageCase) -> CaseFailure? {
    do {
      _ = try estimate(of: imageCase)?
        .fitting(volumePredictor(for: imageCase), within: pipeline.options.memoryLimit)
      return nil
    } catch {
      return CaseFailure(identifier: imageCase.identifier, error: error)
    }
  }

  /// The number of cases to process at once: `wanted`, or fewer that together fit into memory.
  package func casesAtOnce(of cases: [ImageCase], wanted: Int) -> Int {
    guard let memoryLimit = pipeline.options.memoryLimit, wanted > 1 else { return wanted }
    let largest = cases.compactMap { imageCase in
      try? estimate(of: imageCase)?.bytes(volumePredictor(for: imageCase))
    }.max()
    return largest.map { max(1, min(wanted, memoryLimit / $0)) } ?? wanted
  }

  private func estimate(of imageCase: ImageCase) -> PredictionMemory? {
    PredictionMemory(
      header: imageCase, preprocessor: preprocessor, is2D: pipeline.rules.patchSize.count == 2,
      outputs: pipeline.outputCount, baseFeatures: pipeline.rules.baseFeatures,
      batchesUnderWay: pipeline.batchesUnderWay)
  }

  /// The predictor for a case, with a folder for what would take too much memory.
  private func volumePredictor(for imageCase: ImageCase) -> VolumePredictor {
    pipeline.rules.volumePredictor(pipeline.options, scratchFolder: imageCase.imageFiles[0])
  }

  /// The number of times that the networks process tiles of a case, from its header; 1 if it cannot
  /// be read.
  private func passes(for imageCase: ImageCase) -> Int {
    estimate(of: imageCase).flatMap { pipeline.passes(forImageSize: $0.size) } ?? 1
  }

  private func prepare(
    _ imageCase: ImageCase, reporter: any Reporter
  ) -> Future<PreparedCase, any Error> {
    let (preprocessor, threads, previous) = (
      preprocessor, pipeline.options.preparationThreads, previous
    )
    return Future {
      try previous?.prepare(imageCase, by: preprocessor, threads: threads, reporter: reporter)
        ?? preprocessor.preprocessTestCase(
          imageFiles: imageCase.imageFiles, threads: threads, reporter: reporter)
    }
  }
}
