import Archives
import Arrays
import Foundation
import HostSystem
import Imaging
import Inference
import JSON
import Plans
import TestSupport
import Testing

@testable import ModelSelection

/// Probabilities of whole images, of which training sees only a cropped box.
@Suite struct ProbabilityEnsembleTests {
  private static let size = [3, 4, 5]

  @Test func averagesInHalfPrecisionAndTakesTheLowestOfEquals() throws {
    let base = try temporaryFolder()
    // Voxel 0: 0.5 and 0.5 on the mean; voxel 1: label 1 wins; the rest is background.
    let first = try folder("a", in: base, foreground: [0: 0.25, 1: 0.9])
    let second = try folder("b", in: base, foreground: [0: 0.75, 1: 0.6])
    var ensemble = ProbabilityEnsemble(folders: [first, second], threads: 2)
    ensemble.savesProbabilities = true
    let output = base.appending(path: "out")
    #expect(try ensemble.cases() == ["case"])
    try ensemble.average(["case"], into: output)
    let result = try NIfTIFile.readLabels(at: output.appending(path: "case.nii.gz"))
    #expect(result.labels.shape == Self.size)
    #expect(result.labels.scalars.enumerated().filter { $0.element == 1 }.map(\.offset) == [1])
    #expect(result.geometry.spacing == [1, 2, 3])
    let mean = try NPZFile(at: output.appending(path: "case.npz"))
      .readFloats(ProbabilitiesFile.arrayName)
    #expect(mean.shape == [2] + Self.size)
    #expect(mean.scalars[60 + 1] == HalfPrecision(0.75).float)
    #expect(fileExists(output.appending(path: "case.json")))
  }

  @Test func regionsArePaintedInTheirOrder() throws {
    let base = try temporaryFolder()
    let one = try folder(
      "a", in: base, foreground: [0: 0.9, 1: 0.4], background: 0.8, regions: [2, 7])
    try ProbabilityEnsemble(folders: [one], threads: 1)
      .average(["case"], into: base.appending(path: "out"))
    let result = try NIfTIFile.readLabels(at: base.appending(path: "out/case.nii.gz"))
    #expect(result.labels.scalars[0] == 7 && result.labels.scalars[1] == 2)
  }

  @Test func hiddenFilesAndFoldersAreLeftAlone() throws {
    let base = try temporaryFolder()
    let first = try folder("a", in: base, foreground: [:])
    let second = try folder("b", in: base, foreground: [:])
    try Data([0, 5, 22, 7]).write(to: first.appending(path: "._case.npz"))
    try Data().write(to: first.appending(path: ".DS_Store"))
    try makeFolder(at: second.appending(path: "other.npz"))
    #expect(try ProbabilityEnsemble(folders: [first, second], threads: 1).cases() == ["case"])
  }

  @Test func namesWhatIsMissingOrDoesNotFit() throws {
    let base = try temporaryFolder()
    let first = try folder("a", in: base, foreground: [:])
    let second = base.appending(path: "b")
    try makeFolder(at: second)
    #expect(
      throws: ModelSelectionError.filesMissing([second.appending(path: "case.npz").path])
    ) { try ProbabilityEnsemble(folders: [first, second], threads: 1).cases() }
    let regions = try folder("c", in: base, foreground: [:], regions: [1, 2])
    #expect(throws: (any Error).self) {
      try ProbabilityEnsemble(folders: [first, regions], threads: 1)
        .average(["case"], into: base.appending(path: "out"))
    }
    #expect(!fileExists(base.appending(path: "out/case.nii.gz")))
  }

  /// Labels are written with eight bits: more channels, or regions with other labels, are refused by name.
  @Test func labelsThatCannotBeWrittenAreRefused() throws {
    func error(channels: Int, regions: [Int]?) throws -> ModelSelectionError? {
      let base = try temporaryFolder()
      let folder = base.appending(path: "a")
      try makeFolder(at: folder)
      let array = DenseArray(
        shape: [channels, 1, 1, 2],
        scalars: (0..<2 * channels).map { HalfPrecision(Float($0 % channels) / Float(channels)) })
      try NPZFile.write(
        array, named: ProbabilitiesFile.arrayName, to: folder.appending(path: "case.npz"))
      var properties = CaseProperties(
        originalSize: [1, 1, 2], originalSpacing: [1, 1, 1], imageFiles: [], labelFile: nil,
        itkOrigin: [0, 0, 0], itkSpacing: [1, 1, 1], itkDirection: [1, 0, 0, 0, 1, 0, 0, 0, 1],
        cropBox: [[0, 1], [0, 1], [0, 2]], labels: [0, 1], sizeAfterCropping: [1, 1, 2])
      properties.regionsClassOrder = regions
      try JSONFile.write(properties, to: folder.appending(path: "case.json"))
      let output = base.appending(path: "out")
      do {
        try ProbabilityEnsemble(folders: [folder, folder], threads: 1)
          .average(["case"], into: output)
      } catch {
        #expect(!fileExists(output.appending(path: "case.nii.gz")))
        let text = (error as? any ExplainedError)?.message ?? "\(error)"
        let expected = ModelSelectionError.impossibleLabels(
          case: "case", channels: channels, regions: regions)
        // Too many channels are noticed when the file is opened, other labels when the properties
        // are read.
        let isOfProperties = regions?.contains { !(0...255 ~= $0) } ?? false
        let fact = channels > 256 ? "case.npz" : isOfProperties ? "case.json" : expected.message
        let isNamed = text.contains(fact)
        #expect(isNamed, "\(text)")
        #expect(channels <= 256 || text.contains("[257, 1, 1, 2]"), "\(text)")
        return expected
      }
      #expect(fileExists(output.appending(path: "case.nii.gz")))
      return nil
    }
    #expect(try error(channels: 256, regions: nil) == nil)
    #expect(try error(channels: 257, regions: nil) != nil)
    #expect(try error(channels: 2, regions: [1, 255]) == nil)
    #expect(try error(channels: 2, regions: [1, 256]) != nil)
    #expect(try error(channels: 2, regions: [1, -1]) != nil)
    #expect(try error(channels: 2, regions: [1, 2, 3]) != nil)
  }

  /// A folder with the probabilities of one case, background and one foreground label.
  private func folder(
    _ name: String, in base: URL, foreground: [Int: Float], background: Float? = nil,
    regions: [Int]? = nil
  ) throws -> URL {
    let folder = base.appending(path: name)
    try makeFolder(at: folder)
    var values = [Float](repeating: 0, count: 120)
    for voxel in 0..<60 {
      let probability = foreground[voxel] ?? 0
      values[60 + voxel] = probability
      values[voxel] = background ?? (1 - probability)
    }
    let array = DenseArray(shape: [2] + Self.size, scalars: values.map { HalfPrecision($0) })
    try NPZFile.write(
      array, named: ProbabilitiesFile.arrayName, to: folder.appending(path: "case.npz"))
    var properties = CaseProperties(
      originalSize: Self.size, originalSpacing: [3, 2, 1], imageFiles: [], labelFile: nil,
      itkOrigin: [0, 0, 0], itkSpacing: [1, 2, 3], itkDirection: [1, 0, 0, 0, 1, 0, 0, 0, 1],
      cropBox: [[1, 3], [0, 4], [1, 4]], labels: [0, 1], sizeAfterCropping: [2, 4, 3])
    properties.regionsClassOrder = regions
    try JSONFile.write(properties, to: folder.appending(path: "case.json"))
    return folder
  }
}
