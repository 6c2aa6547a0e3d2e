import Archives
import Downloads
import Foundation
import ModelStore
import TestSupport
import Testing

@Suite struct ModelDownloadTests {
  private let model = "2d/Task500_Own/nnUNetTrainerV2__nnUNetPlansv2.1"

  private func archive(_ text: String) throws -> Data {
    let url = try temporaryFolder().appending(path: "model.zip")
    let writer = try ZipWriter(to: url)
    try writer.add("\(model)/plans.pkl", Array(text.utf8))
    try writer.add(
      "\(model)/fold_0/model_final_checkpoint.model", [UInt8](repeating: 7, count: 90_000))
    try writer.finish()
    return try Data(contentsOf: url)
  }

  private func index(of server: FileServer, _ files: [PretrainedModel.File]) throws -> ModelIndex {
    struct Document: Encodable {
      var format = 1
      var models: [PretrainedModel]
    }
    let own = PretrainedModel(
      name: "Task500_Own", description: "A test", targets: ["ball"], channels: ["MRI"],
      source: "here", files: files)
    server.set("/models/index.json", to: .init(try JSONEncoder().encode(Document(models: [own]))))
    return try ModelIndex(at: "\(server.address)/models/index.json")
  }

  private func download(to results: URL, replaces: Bool = false) -> ModelDownload {
    var download = ModelDownload(results: results, replaces: replaces)
    download.settings.pause = .milliseconds(1)
    return download
  }

  private func names(in folder: URL) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
  }

  private func md5(_ data: Data) throws -> String {
    try data.withUnsafeBytes { try FileDigest(.md5, of: $0).description }
  }

  /// A foreign list may name a model twice, which ended the program during export.
  @Test func aModelThatIsListedTwiceIsExportedOnce() throws {
    struct Document: Encodable {
      var format = 1
      var models: [PretrainedModel]
    }
    let models = ["first", "second"].map { description in
      PretrainedModel(
        name: "Task500_Own", description: description, targets: [], channels: [], source: "here",
        files: [])
    }
    let file = try temporaryFolder().appending(path: "index.json")
    try JSONEncoder().encode(Document(models: models)).write(to: file)
    let index = try ModelIndex(at: file.path)
    let exported = String(decoding: try index.exported(), as: UTF8.self)
    #expect(exported.contains("first") && !exported.contains("second"), "\(exported)")
    #expect(try index.model(named: "Task500_Own").description == "first")
  }

  @Test func theListOfThisVersionIsWhole() throws {
    let index = try ModelIndex()
    #expect(index.models.count == 27)
    #expect(Set(index.models.map(\.name)).count == 27)
    for model in index.models {
      #expect(!model.channels.isEmpty && !model.targets.isEmpty && !model.files.isEmpty)
      for file in model.files {
        #expect(file.url.hasPrefix("https://zenodo.org/record/"), "\(model.name)")
      }
    }
    #expect(try index.model(named: "Task082_BraTS2020").files.count == 4)
    #expect(try index.model(named: "Task115_COVIDSegChallenge").files.count == 5)
    let found = try index.model(named: "Task005_Prostate")
    #expect(found.summary.contains("_0000 T2, _0001 ADC"))
    #expect(found.summary.contains("CC BY-SA 4.0"))
  }

  @Test(arguments: ["4", "hippocampus", "Task04_Hippocampus"])
  func nearNamesAreSuggested(name: String) throws {
    let index = try ModelIndex()
    #expect {
      try index.model(named: name)
    } throws: { error in
      guard case ModelStoreError.notAvailable(_, let near, _) = error else { return false }
      return near == ["Task004_Hippocampus"]
    }
  }

  @Test func aModelIsInstalledAlthoughTheConnectionIsCut() throws {
    let data = try archive("plans")
    var file = FileServer.File(data)
    file.headers["ETag"] = "\"v\""
    file.cuts = [data.count / 2, data.count / 5]
    let server = try FileServer(["/models/own.zip": file])
    defer { server.stop() }
    let results = try temporaryFolder()
    let index = try index(of: server, [.init(url: "own.zip", checksum: try md5(data))])
    let folders = try download(to: results).install(
      try index.model(named: "Task500_Own"), of: index)
    #expect(folders.map(\.path) == [results.appending(path: model).path])
    #expect(try names(in: results) == ["2d"])
    #expect(server.requests.count { $0.path == "/models/own.zip" } == 3)
  }

  @Test func damagedBytesInstallNothing() throws {
    let data = try archive("plans")
    var damaged = data
    damaged[40] ^= 4
    let server = try FileServer(["/models/own.zip": .init(damaged)])
    defer { server.stop() }
    let results = try temporaryFolder()
    let index = try index(of: server, [.init(url: "own.zip", checksum: try md5(data))])
    #expect(throws: DownloadError.self) {
      try download(to: results).install(index.model(named: "Task500_Own"), of: index)
    }
    #expect(try names(in: results).isEmpty)
    // Without a checksum the archive itself shows the damage.
    #expect(throws: ArchiveError.self) {
      try download(to: results).install(addresses: ["\(server.address)/models/own.zip"])
    }
    #expect(try names(in: results).isEmpty)
  }

  @Test func mirrorsAreTriedInTurn() throws {
    let data = try archive("plans")
    let server = try FileServer(["/b/own.zip": .init(data)])
    defer { server.stop() }
    let results = try temporaryFolder()
    let file = PretrainedModel.File(
      url: "missing.zip", mirrors: ["\(server.address)/b/own.zip"], checksum: try md5(data))
    let index = try index(of: server, [file])
    #expect(
      try download(to: results).install(index.model(named: "Task500_Own"), of: index).count == 1)
  }

  @Test func aFailureNamesTheWayWithoutAConnection() throws {
    let server = try FileServer([:])
    defer { server.stop() }
    let results = try temporaryFolder()
    let addresses = ["\(server.address)/a/own.zip", "\(server.address)/b/own.zip"]
    let error = try #require(throws: ModelStoreError.self) {
      try download(to: results).install(addresses: addresses)
    }
    #expect(error.message.contains("404"))
    let hint = try #require(error.hint)
    for fact in addresses + ["browser", "nnUNet_install_pretrained_model_from_zip"] {
      #expect(hint.contains(fact), "\(hint)")
    }
  }

  @Test func whatExistsIsReplacedOnlyOnRequest() throws {
    let server = try FileServer(["/own.zip": .init(try archive("new"))])
    defer { server.stop() }
    let results = try temporaryFolder()
    let plans = results.appending(path: "\(model)/plans.pkl")
    try FileManager.default.createDirectory(
      at: plans.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data("mine".utf8).write(to: plans)
    let address = "\(server.address)/own.zip"
    #expect(throws: ModelStoreError.self) {
      try download(to: results).install(addresses: [address])
    }
    #expect(try Data(contentsOf: plans) == Data("mine".utf8))
    // The archive is intact and is not fetched twice.
    _ = try download(to: results, replaces: true).install(addresses: [address])
    #expect(try Data(contentsOf: plans) == Data("new".utf8))
    #expect(server.requests.count == 1)
    #expect(try names(in: results) == ["2d"])
  }
}
