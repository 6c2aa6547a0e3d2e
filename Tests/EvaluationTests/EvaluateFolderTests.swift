import Arrays
import Foundation
import HostSystem
import Imaging
import JSON
import TestSupport
import Testing

@testable import Evaluation

@Suite struct EvaluateFolderTests {
  @Test func writesTheSummaryOfNNUNet() throws {
    let folders = try Folders()
    for name in ["a.nii.gz", "b.nii.gz"] {
      try folders.copy("evaluation/reference.nii.gz", to: folders.reference, as: name)
      try folders.copy("evaluation/prediction.nii.gz", to: folders.prediction, as: name)
    }
    let summary = try evaluateFolder(
      reference: folders.reference, prediction: folders.prediction, labels: [0, 1, 2, 3],
      threads: 2, name: "test", task: "Task004_Hippocampus")

    let expected = try JSONFile.read(
      [String: LabelScores].self, from: fixtureURL("evaluation/metrics.json"))
    #expect(summary.cases.count == 2)
    for scores in summary.cases.map(\.labels) + [summary.means] {
      for (label, expectedScores) in expected {
        let values = try #require(scores[Int(label) ?? -1])
        #expect(Set(values.values.keys) == Set(Metric.standard))
        for metric in Metric.standard {
          expectClose([values[metric]], [expectedScores[metric]], absolute: 1e-15)
        }
      }
    }
    // Label 3 is defined in the reference but never predicted.
    #expect(summary.means[3]?[.dice] == 0)
    #expect(summary.means[3]?[.precision].isNaN == true)

    let file = folders.prediction.appendingPathComponent("summary.json")
    let text = try String(contentsOf: file, encoding: .utf8)
    for part in [
      "\"all\": [", "\"mean\": {", "\"False Discovery Rate\": NaN",
      "\"Total Positives Reference\": 30672,", "\"task\": \"Task004_Hippocampus\"",
      "\"reference\": \"\(folders.reference.path)/a.nii.gz\"",
      "\"test\": \"\(folders.prediction.path)/b.nii.gz\"", "\"name\": \"test\"",
    ] {
      #expect(text.contains(part), "\(part)")
    }
    let read = try JSONFile.read(SegmentationSummary.self, from: file)
    #expect(read.identifier.count == 12)
    #expect(read.timestamp == summary.timestamp)
    #expect(read.means[1] == summary.means[1])
  }

  @Test func writesTables() throws {
    let folders = try Folders()
    for name in ["a.nii.gz", "b.nii.gz"] {
      try folders.copy("evaluation/reference.nii.gz", to: folders.reference, as: name)
    }
    try folders.copy("evaluation/prediction.nii.gz", to: folders.prediction, as: "a.nii.gz")
    try folders.copy("evaluation/reference.nii.gz", to: folders.prediction, as: "b.nii.gz")
    let summary = try evaluateFolder(
      reference: folders.reference, prediction: folders.prediction, labels: [1, 3],
      surfaceTolerance: 1)
    let lines = summary.csv.split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    let metrics = Metric.standard + Metric.distances
    #expect(lines[0] == ["case", "label"] + metrics.sorted().map(\.rawValue))
    #expect(lines.map { $0[0] } == ["case", "a", "a", "b", "b", "mean", "mean"])
    #expect(lines.allSatisfy { $0.count == metrics.count + 2 })
    let dice = try #require(lines[0].firstIndex(of: "Dice"))
    #expect(lines[1][dice] == "0.4161045079772995")
    let distance = try #require(lines[0].firstIndex(of: "Hausdorff Distance 95"))
    #expect(lines[2][distance] == "nan" && lines[3][distance] == "0.0")
    // The mean is that of the only case where it is defined.
    #expect(lines[6][distance] == "0.0")
    let table = summary.table.split(separator: "\n")
    #expect(table[1].contains("0.7081") && table[1].contains("0.4161"))
    #expect(table[0].contains("HD95") && table.contains("HD95 and ASSD in mm"))
    #expect(table.contains { $0.hasPrefix("least Dice of label ") && $0.contains(" in a") })
    #expect(table.last == "mean Dice of the foreground: 0.6040")
  }

  @Test func namesTheFilesThatOnlyOneFolderHas() throws {
    let folders = try Folders()
    for name in ["a.nii.gz", "b.nii.gz"] {
      try folders.copy("evaluation/reference.nii.gz", to: folders.reference, as: name)
    }
    for name in ["b.nii.gz", "c.nii.gz"] {
      try folders.copy("evaluation/reference.nii.gz", to: folders.prediction, as: name)
    }
    let error = #expect(throws: EvaluationError.self) { try folders.evaluate([1]) }
    #expect(
      error
        == .unmatchedFiles(
          missingPredictions: ["a.nii.gz"], predictionFolder: folders.prediction.path,
          missingReferences: ["c.nii.gz"], referenceFolder: folders.reference.path))
    let message = try #require(error?.message)
    #expect(message.contains("1 predictions are missing in \(folders.prediction.path): a.nii.gz."))
  }

  @Test func namesEveryCaseOfAnotherShapeOrGeometry() throws {
    let folders = try Folders()
    let base = LabelVolume(
      labels: DenseArray(shape: [2, 3, 4], filledWith: 1), geometry: Geometry(spacing: [1, 2, 3]))
    var shifted = base
    shifted.geometry.origin[1] += 0.5
    var rounded = base
    rounded.geometry.origin[1] += 1e-4
    let other = LabelVolume(
      labels: DenseArray(shape: [2, 3, 5], filledWith: 1), geometry: base.geometry)
    for (name, volume) in [("a", base), ("b", shifted), ("c", rounded), ("d", other)] {
      try folders.write(base, to: folders.reference, as: name)
      try folders.write(volume, to: folders.prediction, as: name)
    }
    let error = #expect(throws: EvaluationError.self) { try folders.evaluate([1]) }
    guard case .casesFailed(let failures) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(failures.map(\.identifier) == ["b.nii.gz", "d.nii.gz"])
    #expect(failures[0].reason.contains("0.5 mm apart"))
    #expect(failures[1].reason.contains("2×3×5"))
    let written = folders.prediction.appendingPathComponent("summary.json")
    #expect(!FileManager.default.fileExists(atPath: written.path))
  }

  @Test func ignoresGeometryWhenAsked() throws {
    let folders = try Folders()
    var volume = LabelVolume(
      labels: DenseArray(shape: [2, 3, 4], filledWith: 1), geometry: Geometry())
    try folders.write(volume, to: folders.reference, as: "a")
    volume.geometry.spacing = [1, 1, 2]
    try folders.write(volume, to: folders.prediction, as: "a")
    let reporter = CollectingReporter()
    let summary = try evaluateFolder(
      reference: folders.reference, prediction: folders.prediction, labels: [1],
      ignoresGeometry: true, reporter: reporter)
    #expect(summary.means[1]?[.dice] == 1)
    #expect(reporter.warnings.count == 1)
  }

  @Test func saysWhichLabelsWereLeftOut() throws {
    let folders = try Folders()
    try folders.copy("evaluation/reference.nii.gz", to: folders.reference, as: "a.nii.gz")
    try folders.copy("evaluation/prediction.nii.gz", to: folders.prediction, as: "a.nii.gz")
    let reporter = CollectingReporter()
    _ = try evaluateFolder(
      reference: folders.reference, prediction: folders.prediction, labels: [1],
      reporter: reporter)
    #expect(reporter.warnings.count == 1)
    #expect(reporter.warnings.first?.hasSuffix(": 2, 3") == true)
  }

  @Test func refusesLabelsAndFoldersThatMakeNoSense() throws {
    let folders = try Folders()
    #expect(throws: EvaluationError.noSegmentations(folder: folders.reference.path)) {
      try folders.evaluate([1])
    }
    try folders.copy("evaluation/reference.nii.gz", to: folders.reference, as: "a.nii.gz")
    try folders.copy("evaluation/reference.nii.gz", to: folders.prediction, as: "a.nii.gz")
    #expect(throws: EvaluationError.noLabels) { try folders.evaluate([]) }
    #expect(throws: EvaluationError.labelOutOfRange(300)) { try folders.evaluate([1, 300]) }
    let nowhere = folders.reference.appendingPathComponent("nowhere")
    #expect(throws: FileError.self) {
      try evaluateFolder(reference: nowhere, prediction: folders.prediction, labels: [1])
    }
  }

  @Test func meanSkipsUndefinedValues() {
    let scores = [0.5, .nan, 1.0].map { LabelScores(values: [.dice: $0]) }
    #expect(LabelScores(meanOf: scores)[.dice] == 0.75)
    #expect(LabelScores(meanOf: [scores[1]])[.dice].isNaN)
    let summary = SegmentationSummary(
      cases: [
        CaseScores(reference: "", prediction: "", labels: [0: scores[2], 1: scores[0]]),
        CaseScores(reference: "", prediction: "", labels: [2: scores[1]]),
      ])
    #expect(summary.meanForegroundDice == 0.5)
  }
}

/// A folder of references and one of predictions.
private struct Folders {
  let reference: URL
  let prediction: URL

  init() throws {
    let root = try temporaryFolder()
    reference = root.appendingPathComponent("reference")
    prediction = root.appendingPathComponent("prediction")
    try makeFolder(at: reference)
    try makeFolder(at: prediction)
  }

  func copy(_ fixture: String, to folder: URL, as name: String) throws {
    try FileManager.default.copyItem(
      at: fixtureURL(fixture), to: folder.appendingPathComponent(name))
  }

  func write(_ volume: LabelVolume, to folder: URL, as name: String) throws {
    try NIfTIFile.write(volume, to: folder.appendingPathComponent("\(name).nii.gz"))
  }

  @discardableResult
  func evaluate(_ labels: [Int]) throws -> SegmentationSummary {
    try evaluateFolder(reference: reference, prediction: prediction, labels: labels)
  }
}
