import Archives
import Arrays
import Evaluation
import Foundation
import HostSystem
import Imaging
import Plans
import Preprocessing
import TestSupport
import Testing

@testable import Inference

@Suite struct FolderPredictorTests {
  @Test func predictsEveryCaseInItsOwnGeometry() throws {
    let folders = try Folders()
    var expected: [String: DenseArray<UInt8>] = [:]
    for (index, name) in ["a", "b", "c", "d"].enumerated() {
      expected[name] = try folders.writeImage(name, size: [6 + index, 9, 8], brightFrom: index + 1)
    }
    let problems = try folders.predict()
    #expect(problems.isEmpty)
    for (name, labels) in expected {
      let output = try NIfTIFile.readLabels(at: folders.output.appending(path: "\(name).nii.gz"))
      #expect(output.labels == labels, "\(name)")
      expectClose(output.geometry.origin, Folders.geometry.origin, absolute: 1e-5)
      expectClose(output.geometry.spacing, Folders.geometry.spacing, absolute: 1e-6)
    }
  }

  @Test func aCaseThatFailsDoesNotStopTheOthers() throws {
    for damaged in ["a", "b", "d"] {
      let folders = try Folders()
      for name in ["a", "b", "c", "d"] {
        _ = try folders.writeImage(name, size: [6, 9, 8], brightFrom: 2)
      }
      try Data("no image".utf8).write(
        to: folders.input.appending(path: "\(damaged)_0000.nii.gz"))
      let problems = try folders.predict()
      #expect(problems.map(\.identifier) == [damaged])
      #expect(problems[0].reason.contains("\(damaged)_0000.nii.gz"))
      let written = try FileManager.default.contentsOfDirectory(atPath: folders.output.path)
      #expect(
        Set(written) == Set(["a", "b", "c", "d"].filter { $0 != damaged }.map { "\($0).nii.gz" }))
    }
  }

  /// One image with impossible spacings; the others are predicted.
  @Test(arguments: [1e9, 1e6, 1e3])
  func anAbsurdSpacingIsThatCasesOwnFailure(spacing: Double) throws {
    let folders = try Folders()
    for name in ["a", "b", "c"] {
      _ = try folders.writeImage(name, size: [6, 9, 8], brightFrom: 2)
    }
    let file = folders.input.appending(path: "b_0000.nii.gz")
    var volume = try NIfTIFile.readVolume(at: file)
    volume.geometry = Geometry(spacing: [spacing, spacing, spacing])
    try NIfTIFile.write(volume, to: file)
    for limit in [nil, 1 << 40] {
      var predictor = try folders.predictor()
      predictor.pipeline.options.memoryLimit = limit
      let cases = try CaseEnumeration(folder: folders.input, channelCount: 1).cases
      _ = cases.compactMap(predictor.memoryProblem)
      let problems = predictor.predict(cases, into: folders.output)
      #expect(problems.map(\.identifier) == ["b"])
      #expect(problems.first?.reason.contains("mm") == true, "\(problems)")
      let written = try FileManager.default.contentsOfDirectory(atPath: folders.output.path)
      #expect(Set(written) == ["a.nii.gz", "c.nii.gz"])
    }
  }

  /// nnU-Net v1 sets them to 0 before resampling.
  @Test func voxelsThatAreNaNCountAsZero() throws {
    let folders = try Folders()
    _ = try folders.writeImage("zero", size: [6, 9, 8], brightFrom: 2)
    var volume = try NIfTIFile.readVolume(at: folders.input.appending(path: "zero_0000.nii.gz"))
    for index in 20..<32 { volume.voxels.scalars[index] = 0 }
    try NIfTIFile.write(volume, to: folders.input.appending(path: "zero_0000.nii.gz"))
    for index in 20..<32 { volume.voxels.scalars[index] = .nan }
    try NIfTIFile.write(volume, to: folders.input.appending(path: "nan_0000.nii.gz"))
    volume.voxels.scalars[40] = .infinity
    try NIfTIFile.write(volume, to: folders.input.appending(path: "infinite_0000.nii.gz"))
    let reporter = CollectingReporter()
    let problems = try folders.predict(reporter: reporter)
    #expect(problems.map(\.identifier) == ["infinite"])
    #expect(
      reporter.warnings.contains {
        $0.contains("12 of 432 voxels of nan_0000.nii.gz are NaN") && $0.contains("count as 0")
      }, "\(reporter.warnings)")
    let results = try ["zero", "nan"].map {
      try NIfTIFile.readLabels(at: folders.output.appending(path: "\($0).nii.gz")).labels
    }
    #expect(results[0] == results[1])
    #expect(results[0].scalars.contains(1))
  }

  @Test(arguments: [nil, "a", "d"])
  func tilesOfAllCasesAreOneActivity(damaged: String?) throws {
    let folders = try Folders()
    for (index, name) in ["a", "b", "c", "d"].enumerated() {
      _ = try folders.writeImage(name, size: [6 + 3 * index, 9, 8], brightFrom: 2)
    }
    if let damaged {
      try Data("no image".utf8).write(
        to: folders.input.appending(path: "\(damaged)_0000.nii.gz"))
    }
    let reporter = CollectingReporter()
    _ = try folders.predict(reporter: reporter)
    let steps = reporter.steps
    #expect(zip(steps, steps.dropFirst()).allSatisfy { $0.completed <= $1.completed })
    #expect(steps.dropLast().allSatisfy { $0.completed < $0.total })
    let last = try #require(steps.last)
    #expect(last.completed == last.total && last.total > 0)
  }

  /// Several cases at once on several devices: the same files, one activity, the failures named.
  @Test func casesAtOnceGiveTheSameFiles() throws {
    let names = (0..<9).map { "case\($0)" }
    var files: [[String: Data]] = []
    for devices in [1, 3] {
      let folders = try Folders()
      for (index, name) in names.enumerated() {
        _ = try folders.writeImage(name, size: [6 + index, 9, 8], brightFrom: index % 5 + 1)
      }
      try Data("no image".utf8).write(to: folders.input.appending(path: "case4_0000.nii.gz"))
      let reporter = CollectingReporter()
      var predictor = try folders.predictor()
      predictor.pipeline.options.savesProbabilities = true
      if devices > 1 {
        let pool = DevicePool((0..<devices).map { _ in [ThresholdPredictor()] })
        predictor.pipeline.networks = pool.predictors
        predictor.casesAtOnce = devices
      }
      let problems = predictor.predict(
        try CaseEnumeration(folder: folders.input, channelCount: 1).cases, into: folders.output,
        reporter: reporter)
      #expect(problems.map(\.identifier) == ["case4"])
      let steps = reporter.steps
      #expect(steps.allSatisfy { $0.completed <= $0.total })
      #expect(steps.last.map { $0.completed == $0.total } == true)
      files.append(
        // The properties name the folder of the images.
        try FileManager.default.contentsOfDirectory(atPath: folders.output.path)
          .filter { !$0.hasSuffix(".json") }
          .reduce(into: [:]) { $0[$1] = try Data(contentsOf: folders.output.appending(path: $1)) })
    }
    #expect(files[0].count == 8 * 2)
    #expect(files[0] == files[1])
  }

  @Test func fewerCasesAreInWorkWhereMemoryIsShort() throws {
    let folders = try Folders()
    for name in ["a", "b", "c"] {
      _ = try folders.writeImage(name, size: [6, 9, 8], brightFrom: 3)
    }
    let cases = try CaseEnumeration(folder: folders.input, channelCount: 1).cases
    var predictor = try folders.predictor()
    #expect(predictor.casesAtOnce(of: cases, wanted: 3) == 3)
    // A case is estimated to take 400 MiB for the program, 32 MiB for a slab and some for its network.
    predictor.pipeline.options.memoryLimit = 1000 << 20
    #expect(1..<3 ~= predictor.casesAtOnce(of: cases, wanted: 3))
    predictor.pipeline.options.memoryLimit = 1 << 20
    #expect(predictor.casesAtOnce(of: cases, wanted: 3) == 1)
  }

  @Test func outputThatCannotBeWrittenIsReported() throws {
    let folders = try Folders()
    for name in ["a", "b"] { _ = try folders.writeImage(name, size: [6, 9, 8], brightFrom: 2) }
    try FileManager.default.removeItem(at: folders.output)
    let problems = try folders.predict()
    #expect(problems.map(\.identifier) == ["a", "b"])
    #expect(problems.allSatisfy { $0.reason.contains("Cannot write") })
  }

  @Test func strayComponentsAreRemovedBeforeWriting() throws {
    let folders = try Folders()
    let size = [6, 9, 8]
    // Along x: a bright slice, dark ones, then three bright slices.
    let columns = (0..<size.reduce(1, *)).map { $0 % size[2] }
    let voxels = columns.map { Float($0 == 1 || $0 >= 5 ? 100 : 1) }
    try NIfTIFile.write(
      Volume(voxels: DenseArray(shape: size, scalars: voxels), geometry: Folders.geometry),
      to: folders.input.appending(path: "a_0000.nii.gz"))
    func labels(_ postprocessing: Postprocessing?) throws -> [UInt8] {
      #expect(try folders.predict(postprocessing: postprocessing).isEmpty)
      return try NIfTIFile.readLabels(at: folders.output.appending(path: "a.nii.gz")).labels.scalars
    }
    #expect(try labels(nil) == columns.map { $0 == 1 || $0 >= 5 ? 1 : 0 })
    #expect(
      try labels(Postprocessing(groups: [.label(1)])) == columns.map { $0 >= 5 ? 1 : 0 })
  }

  @Test func probabilitiesAreKeptBesideTheSegmentation() throws {
    let folders = try Folders()
    let labels = try folders.writeImage("a", size: [6, 9, 8], brightFrom: 3)
    #expect(try folders.predict(savesProbabilities: true).isEmpty)
    let softmax = try NPZFile(at: ProbabilitiesFile.archive(of: "a", in: folders.output))
      .readFloats("softmax")
    #expect(mostProbableLabels(softmax) == labels)
    let written = try FileManager.default.contentsOfDirectory(atPath: folders.output.path)
    #expect(Set(written) == ["a.nii.gz", "a.npz", "a.json"])
  }

  @Test func aCaseThatNeedsMoreMemoryIsRefusedBeforeAnythingIsDone() throws {
    let folders = try Folders()
    _ = try folders.writeImage("a", size: [6, 9, 8], brightFrom: 3)
    _ = try folders.writeImage("large", size: [60, 90, 80], brightFrom: 3)
    let cases = try CaseEnumeration(folder: folders.input, channelCount: 1).cases
    var predictor = try folders.predictor()
    #expect(cases.compactMap(predictor.memoryProblem).isEmpty)
    // The program itself is counted with 400 MiB, a slab with 32 MiB.
    predictor.pipeline.options.memoryLimit = 435 << 20
    predictor.pipeline.options.tilesPerBatch = 1 << 10
    let problems = cases.compactMap(predictor.memoryProblem)
    #expect(problems.map(\.identifier) == ["large"])
    #expect(problems.allSatisfy { $0.reason.contains("GB") })
    // Fewer tiles at once make the small one fit.
    #expect(predictor.predict([cases[0]], into: folders.output).isEmpty)
    #expect(predictor.predict([cases[1]], into: folders.output).map(\.identifier) == ["large"])
  }

  @Test func aNetworkThatFailsIsReportedForItsCases() throws {
    let folders = try Folders()
    for name in ["a", "b"] { _ = try folders.writeImage(name, size: [6, 9, 8], brightFrom: 2) }
    let problems = try folders.predict(with: BrokenPredictor())
    #expect(problems.map(\.reason) == Array(repeating: InferenceError.notANumber.message, count: 2))
  }
}

/// Label 1 where the normalized image is positive.
private struct ThresholdPredictor: TilePredictor {
  var labelCount: Int { 2 }

  func probabilities(ofTiles tiles: DenseArray<Float>) throws -> DenseArray<Float> {
    let shape = [tiles.shape[0], 2] + tiles.shape.dropFirst(2)
    let voxels = tiles.shape.dropFirst(2).reduce(1, *)
    var scalars: [Float] = []
    for tile in 0..<tiles.shape[0] {
      let bright = tiles.scalars[tile * voxels..<(tile + 1) * voxels].map { Float($0 > 0 ? 1 : 0) }
      scalars += bright.map { 1 - $0 } + bright
    }
    return DenseArray(shape: shape, scalars: scalars)
  }
}

private struct BrokenPredictor: TilePredictor {
  var labelCount: Int { 2 }

  func probabilities(ofTiles tiles: DenseArray<Float>) throws -> DenseArray<Float> {
    DenseArray(
      shape: [tiles.shape[0], 2] + tiles.shape.dropFirst(2), filledWith: Float.nan)
  }
}

/// An input and an output folder, and plans that transpose axes but keep the spacing.
private struct Folders {
  let input: URL
  let output: URL
  static let geometry = Geometry(spacing: [1, 1.5, 2], origin: [-10, 4, 8])

  init() throws {
    let root = try temporaryFolder()
    input = root.appending(path: "input")
    output = root.appending(path: "output")
    try makeFolder(at: input)
    try makeFolder(at: output)
  }

  /// Writes an image whose slices along x are bright from an index on, and returns that mask.
  func writeImage(_ name: String, size: [Int], brightFrom: Int) throws -> DenseArray<UInt8> {
    let voxels = (0..<size.reduce(1, *)).map { Float($0 % size[2] >= brightFrom ? 100 : 1) }
    let volume = Volume(voxels: DenseArray(shape: size, scalars: voxels), geometry: Self.geometry)
    try NIfTIFile.write(volume, to: input.appending(path: "\(name)_0000.nii.gz"))
    return volume.voxels.map { $0 > 50 ? 1 : 0 }
  }

  func predict(
    with predictor: any TilePredictor = ThresholdPredictor(),
    postprocessing: Postprocessing? = nil, savesProbabilities: Bool = false,
    reporter: any Reporter = SilentReporter()
  ) throws -> [CaseFailure] {
    var folderPredictor = try self.predictor(predictor)
    folderPredictor.pipeline.postprocessing = postprocessing
    folderPredictor.pipeline.options.savesProbabilities = savesProbabilities
    return folderPredictor.predict(
      try CaseEnumeration(folder: input, channelCount: 1).cases, into: output,
      reporter: reporter)
  }

  func predictor(
    _ predictor: any TilePredictor = ThresholdPredictor()
  ) throws -> FolderPredictor {
    let plans = Self.plans
    let rules = try PredictionRules(
      plans: plans, stage: #require(plans.stages[0]), scheme: .labels, file: input)
    return FolderPredictor(
      preprocessor: try Preprocessor(plans: plans, stage: 0),
      pipeline: PredictionPipeline([predictor], rules: rules))
  }

  private static var plans: ExperimentPlans {
    let stage = StagePlan(
      batchSize: 2, poolCounts: [1, 1, 1], patchSize: [4, 4, 4], medianSize: [8, 8, 8],
      spacing: [1, 2, 1.5], originalSpacing: [1, 2, 1.5], usesDummy2DAugmentation: false,
      poolStrides: [[2, 2, 2]], convolutionKernels: [[3, 3, 3], [3, 3, 3]])
    let fingerprint = DatasetFingerprint(
      sizes: [[8, 9, 8]], spacings: [[2, 1.5, 1]], foregroundLabels: [1], channelNames: [0: "MRI"],
      intensities: nil, sizeReductions: [:])
    return ExperimentPlans(
      stages: [0: stage], channelNames: [0: "MRI"], normalizationSchemes: [0: .zScore],
      fingerprint: fingerprint, baseFeatureCount: 32, usesMaskForNormalization: [0: false],
      transposeForward: [2, 0, 1], transposeBackward: [1, 2, 0],
      dataIdentifier: "nnUNetData_plans_v2.1", preprocessorName: "GenericPreprocessor",
      convolutionsPerStage: 2)
  }
}
