import Foundation
import HostSystem
import Plans
import TestSupport
import Testing

@testable import Training

/// Splits in our file, in that of v1, in both and in none.
@Suite struct TaskSplitsTests {
  private let cases = (0..<5).map { "mini_\($0)" }
  /// What the Python nnU-Net 1.7.1 wrote.
  private let theirs = fixtureURL("v1-preprocessed/Task098_Mini/splits_final.pkl")

  private func folder(pickled: Bool) throws -> URL {
    let folder = try temporaryFolder()
    if pickled {
      try FileManager.default.copyItem(
        at: theirs, to: folder.appending(path: TaskSplits.fileNameOfV1))
    }
    return folder
  }

  private func own(_ folder: URL) -> URL { folder.appending(path: DataSplits.fileName) }

  @Test func drawsFoldsAndWritesThemWhenAsked() throws {
    let folder = try folder(pickled: false)
    #expect(try TaskSplits(storedIn: folder) == nil)
    let drawn = try TaskSplits(inTask: folder, cases: cases)
    #expect(drawn.source == .drawn && drawn.splits.splits.count == 5)
    #expect(!fileExists(own(folder)), "reading writes nothing")
    try drawn.store()
    let json = try JSONSerialization.jsonObject(with: Data(contentsOf: own(folder)))
    #expect((json as? [[String: [String]]])?.first?.keys.sorted() == ["train", "val"])
    let read = try TaskSplits(inTask: folder, cases: cases)
    #expect(read.source == .file && read.splits == drawn.splits)
  }

  @Test func keepsAUsersFile() throws {
    let folder = try folder(pickled: false)
    let mine = DataSplits(splits: [
      DataSplit(training: ["mini_0", "mini_1"], validation: ["mini_2"])
    ])
    try mine.write(to: own(folder))
    #expect(try TaskSplits(inTask: folder, cases: cases).splits == mine)
  }

  @Test func takesTheFoldsOfV1() throws {
    let folder = try folder(pickled: true)
    let found = try TaskSplits(inTask: folder, cases: cases)
    #expect(found.source == .fileOfV1)
    #expect(found.splits.splits == (try DataSplits.crossValidation(cases: cases)))
    let remarks = found.remarks(fold: 0, split: found.splits.splits[0], cases: cases)
    #expect(remarks.count == 1 && remarks[0].contains("splits_final.pkl"))
    try found.store()
    #expect(try TaskSplits(inTask: folder, cases: cases).source == .file)
    // Its cases are checked like ours.
    #expect(throws: PlansError.self) {
      try TaskSplits(inTask: try self.folder(pickled: true), cases: ["mini_0", "mini_1"])
    }
  }

  @Test func twoFilesThatDifferAreRefused() throws {
    let folder = try folder(pickled: true)
    try DataSplits(splits: [DataSplit(training: ["mini_0"], validation: ["mini_1"])])
      .write(to: own(folder))
    #expect(
      throws: PlansError.contradictingSplits(
        paths: [own(folder).path, folder.appending(path: TaskSplits.fileNameOfV1).path])
    ) { try TaskSplits(inTask: folder, cases: cases) }
  }

  @Test func aPickleThatIsNoneIsRefused() throws {
    let folder = try folder(pickled: false)
    try Data("no pickle".utf8).write(to: folder.appending(path: TaskSplits.fileNameOfV1))
    #expect(throws: (any Error).self) { try TaskSplits(inTask: folder, cases: cases) }
  }
}
