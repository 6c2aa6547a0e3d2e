import Arrays
public import Foundation
public import HostSystem
import Plans
public import Preprocessing

/// Predicts many cases: while the network works on one, the next is prepared and the one before
/// is exported.
///
/// At most one prepared case waits for the network and at most one prediction for its export, so
/// that memory does not grow with the number of cases. A case that fails is reported and the others
/// go on.
public struct FolderPredictor {
  public var preprocessor: Preprocessor
  public var volumePredictor: VolumePredictor
  /// The networks whose probabilities are averaged.
  public var predictors: [any TilePredictor]
  public var export: SegmentationExport
  /// The threads with which the next case is prepared.
  public var preprocessingThreads: Int

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
    var problems: [CaseProblem] = []
    func record(_ error: any Error, in identifier: String) {
      let problem = CaseProblem(identifier: identifier, error: error)
      problems.append(problem)
      reporter.warn("\(identifier) was not predicted: \(problem.reason)")
    }
    var exporting: (identifier: String, work: BackgroundWork<Void>)?
    func finishExport() {
      guard let (identifier, work) = exporting else { return }
      exporting = nil
      do { try work.wait() } catch { record(error, in: identifier) }
    }

    let progress = PredictionProgress(caseCount: cases.count, reporter: reporter)
    var prepared = CasesAhead(cases, prepare: prepare)
    for identifier in cases.map(\.identifier) {
      do {
        let work = try predict(
          prepared.next(), to: folder.appending(path: identifier + ".nii.gz"),
          reporter: progress)
        finishExport()
        exporting = (identifier, BackgroundWork(work))
      } catch {
        record(error, in: identifier)
      }
      progress.finishCase()
    }
    finishExport()
    progress.finish()
    return problems.sorted { $0.identifier < $1.identifier }
  }

  /// Runs the network and returns what is left to do: the export.
  private func predict(
    _ prepared: PreparedCase, to file: URL, reporter: any HostSystem.ProgressReporting
  ) throws -> @Sendable () throws -> Void {
    let probabilities = try volumePredictor.probabilities(
      of: prepared.data, using: predictors, reporter: reporter)
    let (export, properties) = (export, prepared.properties)
    return { try export.write(probabilities, properties: properties, to: file) }
  }

  private func prepare(_ imageCase: ImageCase) -> BackgroundWork<PreparedCase> {
    let (preprocessor, threads) = (preprocessor, preprocessingThreads)
    return BackgroundWork {
      try preprocessor.preprocessTestCase(imageFiles: imageCase.imageFiles, threads: threads)
    }
  }
}

/// The cases one after the other, the one after the next always being prepared already.
private struct CasesAhead {
  private var rest: ArraySlice<ImageCase>
  private let prepare: (ImageCase) -> BackgroundWork<PreparedCase>
  private var preparing: BackgroundWork<PreparedCase>?

  init(_ cases: [ImageCase], prepare: @escaping (ImageCase) -> BackgroundWork<PreparedCase>) {
    rest = cases[...]
    self.prepare = prepare
    start()
  }

  /// Waits for the next case.
  ///
  /// - Precondition: It is called once per case.
  mutating func next() throws -> PreparedCase {
    guard let work = preparing else { preconditionFailure("there are no more cases") }
    defer { start() }
    return try work.wait()
  }

  private mutating func start() { preparing = rest.popFirst().map(prepare) }
}
