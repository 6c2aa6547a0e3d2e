import Archives
import Foundation
import ModelStore
import Plans
import TestSupport
import Testing

@Suite struct ModelStoreTests {
  private let model = "2d/Task004_Hippocampus/nnUNetTrainerV2__nnUNetPlansv2.1"

  private func write(_ text: String, _ name: String, in folder: URL) throws {
    let url = folder.appending(path: name)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: url)
  }

  private func read(_ name: String, in folder: URL) throws -> String {
    try String(contentsOf: folder.appending(path: name), encoding: .utf8)
  }

  private func names(in folder: URL) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
  }

  private func archive(_ content: [String: String]) throws -> URL {
    let url = try temporaryFolder().appending(path: "models.zip")
    let writer = try ZipWriter(to: url)
    for (name, text) in content.sorted(by: { $0.key < $1.key }) {
      try writer.add(name, Array(text.utf8))
    }
    try writer.finish()
    return url
  }

  @Test func installsAndNeverReplacesUnasked() throws {
    let results = try temporaryFolder()
    let zip = try archive([
      "\(model)/plans.pkl": "new plans", "\(model)/fold_0/model_final_checkpoint.model": "w",
    ])
    var installation = ModelInstallation(archive: zip, results: results)
    #expect(try installation.install().map(\.path) == [results.appending(path: model).path])
    #expect(try read("\(model)/plans.pkl", in: results) == "new plans")
    try write("mine", "\(model)/plans.pkl", in: results)
    try write("mine", "\(model)/fold_1/log", in: results)
    #expect {
      try installation.install()
    } throws: {
      guard case ModelStoreError.exists = $0 else { return false }
      return true
    }
    #expect(try read("\(model)/plans.pkl", in: results) == "mine")
    installation.replaces = true
    _ = try installation.install()
    #expect(try read("\(model)/plans.pkl", in: results) == "new plans")
    #expect(try names(in: results.appending(path: model)) == ["fold_0", "plans.pkl"])
    #expect(try names(in: results) == ["2d"])
  }

  /// Slashes with combining marks hid `..`; a file outside the results was overwritten.
  @Test func nothingIsInstalledOutside() throws {
    let base = try temporaryFolder()
    let results = base.appending(path: "a/b/nnUNet")
    try write("mine", "victim", in: base)
    for name in [
      "2d/Task004_X/T__P/../\u{301}/../../../../victim",
      "2d/Task004_X/T__P/\u{600}/../../../../../victim", "/\u{301}victim",
    ] {
      let zip = try archive(["\(model)/plans.pkl": "p", name: "theirs"])
      #expect(throws: (any Error).self, "\(name)") {
        try ModelInstallation(archive: zip, results: results).install()
      }
    }
    #expect(try read("victim", in: base) == "mine")
    let present = (try? FileManager.default.subpathsOfDirectory(atPath: base.path)) ?? []
    #expect(!present.contains { $0.hasSuffix("plans.pkl") })
  }

  @Test func archivesOfTheFinderInstall() throws {
    let results = try temporaryFolder()
    let zip = try archive([
      "\(model)/plans.pkl": "p", "\(model)/fold_0/model_final_checkpoint.model": "w",
      "__MACOSX/\(model)/._plans.pkl": "\u{0}\u{5}", "2d/.DS_Store": "x",
      "\(model)/.DS_Store": "x", "\(model)/fold_0/._model_final_checkpoint.model": "x",
    ])
    _ = try ModelInstallation(archive: zip, results: results).install()
    #expect(try names(in: results) == ["2d"])
    #expect(try names(in: results.appending(path: model)) == ["fold_0", "plans.pkl"])
    #expect(
      try names(in: results.appending(path: model + "/fold_0")) == ["model_final_checkpoint.model"])
  }

  @Test func aDamagedArchiveInstallsNothing() throws {
    let results = try temporaryFolder()
    let zip = try archive([
      "\(model)/a_first": "good", "\(model)/plans.pkl": String(repeating: "plans", count: 100),
    ])
    var bytes = try Data(contentsOf: zip)
    let end = bytes.count
    // The second entry's compressed bytes come before the directory, whose entries begin with PK.
    let directory = try #require(bytes.range(of: Data([0x50, 0x4B, 1, 2]), in: 0..<end))
    bytes[directory.lowerBound - 3] ^= 0x55
    try bytes.write(to: zip)
    try write("mine", "\(model)/plans.pkl", in: results)
    #expect(throws: ArchiveError.self) {
      try ModelInstallation(archive: zip, results: results, replaces: true).install()
    }
    #expect(try read("\(model)/plans.pkl", in: results) == "mine")
    #expect(try names(in: results) == ["2d"])
    #expect(try names(in: results.appending(path: model)) == ["plans.pkl"])
  }

  @Test(arguments: [
    "plans.pkl", "2d/Task004_Hippocampus/plans.pkl", "5d/Task004_X/a__b/plans.pkl",
    "2d/Other/a__b/plans.pkl", "2d/Task004_X/ab/plans.pkl",
  ])
  func archivesOfAnotherLayoutAreRefused(name: String) throws {
    let results = try temporaryFolder()
    let zip = try archive([name: "x"])
    #expect(throws: ModelStoreError.self) {
      try ModelInstallation(archive: zip, results: results).install()
    }
    #expect(try names(in: results).isEmpty)
  }

  @Test func exportIsStrictAndInstallsElsewhere() throws {
    let results = try temporaryFolder()
    try write("{}", "\(model)/plans.json", in: results)
    try write("weights", "\(model)/fold_0/model_final_checkpoint.safetensors", in: results)
    try write("latest", "\(model)/fold_0/model_latest.safetensors", in: results)
    var export = ModelPacking(
      results: results, task: "Task004_Hippocampus", configurations: [.twoD])
    export.folds = ["fold_0"]
    let zip = try temporaryFolder().appending(path: "out.zip")
    #expect(throws: ModelStoreError.self) { try export.write(to: zip) }
    #expect(!FileManager.default.fileExists(atPath: zip.path))
    try write("{}", "\(model)/postprocessing.json", in: results)
    let pair = "ensembles/Task004_Hippocampus/ensemble_2d__nnUNetTrainerV2__nnUNetPlansv2.1"
    try write("p", "\(pair)--2d__nnUNetTrainerV2__nnUNetPlansv2.1/postprocessing.json", in: results)
    try write("p", "\(pair)--3d_fullres__a__b/postprocessing.json", in: results)
    #expect(try export.write(to: zip).count == 4)
    // Without it a variant of the network could not be built.
    try write("{}", "\(model)/network.json", in: results)
    #expect(try export.write(to: zip).count == 5)
    export.folds = ["fold_0", "fold_1"]
    #expect(throws: ModelStoreError.self) { try export.write(to: zip) }
    export.isStrict = false
    #expect(try export.write(to: zip).count == 5)
    let other = try temporaryFolder()
    #expect(try ModelInstallation(archive: zip, results: other).install().count == 2)
    #expect(
      try read("\(model)/fold_0/model_final_checkpoint.safetensors", in: other) == "weights")
  }
}
