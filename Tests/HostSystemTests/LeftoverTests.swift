import Foundation
import TestSupport
import Testing

@testable import HostSystem

@Suite struct LeftoverTests {
  private func names(in folder: URL) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
  }

  /// What a killed process leaves: a file with a hidden name and no lock.
  private func abandon(_ name: String, in folder: URL) throws -> URL {
    let url = folder.appending(path: TemporaryName.fresh(for: name))
    try Data("half".utf8).write(to: url)
    return url
  }

  @Test func sweepsWhatIsAbandonedAndNothingElse() throws {
    let folder = try temporaryFolder()
    _ = try abandon("model_final_checkpoint.safetensors", in: folder)
    for name in [".hidden.tmp", "visible.0123456789AB.tmp", ".notes.0123456G.tmp", ".lock"] {
      try Data("mine".utf8).write(to: folder.appending(path: name))
    }
    let living = try PendingFile(at: folder.appending(path: "case.nii.gz"))
    try living.append([1, 2, 3])
    let collector = CollectingReporter()
    sweepLeftovers(in: folder, reporter: collector)
    #expect(
      collector.notes == [
        "removed 4 bytes in 1 file that killed runs had left half-written in \(folder.path)"
      ])
    #expect(try names(in: folder).count == 5)
    try living.commit()
    #expect(
      try names(in: folder) == [
        ".hidden.tmp", ".lock", ".notes.0123456G.tmp", "case.nii.gz", "visible.0123456789AB.tmp",
      ])
  }

  @Test func leavesYoungFilesOfOtherMachinesAlone() throws {
    let folder = try temporaryFolder()
    // From an earlier version, which did not name the machine.
    let young = folder.appending(path: ".x.npy.0123ABCD.tmp")
    let old = folder.appending(path: ".y.npy.0123ABCD.tmp")
    for file in [young, old] { try Data("half".utf8).write(to: file) }
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSinceNow: -4000)], ofItemAtPath: old.path)
    #expect(Leftover(at: young)?.state == .inUse)
    #expect(Leftover(at: old)?.state == .abandoned)
    sweepLeftovers(in: folder, reporter: SilentReporter())
    #expect(try names(in: folder) == [young.lastPathComponent])
  }

  @Test func aNameOf255BytesCanBeWritten() throws {
    let folder = try temporaryFolder()
    let name = String(repeating: "ä", count: 127) + "x"
    try AtomicFile.write(Data("whole".utf8), to: folder.appending(path: name))
    #expect(try names(in: folder) == [name])
  }

  @Test func newFilesFollowTheUmask() throws {
    let folder = try temporaryFolder()
    // The umask applies to the whole process, in which other tests run; a shell has its own.
    let file = folder.appending(path: "new")
    try AtomicFile.write(Data(), to: file)
    let mask = umask(0o022)
    umask(mask)
    var status = stat()
    #expect(stat(file.path, &status) == 0)
    #expect(status.st_mode & 0o777 == 0o666 & ~mask)
  }
}

@Suite struct StagedChangeTests {
  private func write(_ text: String, _ name: String, in folder: URL) throws {
    let url = folder.appending(path: name)
    try makeFolder(at: url.deletingLastPathComponent())
    try Data(text.utf8).write(to: url)
  }

  private func read(_ name: String, in folder: URL) -> String? {
    try? String(contentsOf: folder.appending(path: name), encoding: .utf8)
  }

  private func names(in folder: URL) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
  }

  /// A folder with an old model and a change that replaces it, adds one and removes a file.
  private func prepared(in base: URL) throws -> StagedChange {
    try write("old", "2d/plans.json", in: base)
    try write("old", "2d/fold_0/weights", in: base)
    try write("old", "stale.json", in: base)
    let change = try StagedChange(in: base, for: "installing")
    try write("new", "2d/plans.json", in: change.folder)
    try write("new", "3d/plans.json", in: change.folder)
    try write("new", "selection.json", in: change.folder)
    return change
  }

  @Test func everythingTakesItsPlaceTogether() throws {
    let base = try temporaryFolder()
    let change = try prepared(in: base)
    #expect(read("2d/plans.json", in: base) == "old")
    try change.commit(["2d", "3d", "selection.json"], removing: ["stale.json"])
    #expect(try names(in: base) == ["2d", "3d", "selection.json"])
    #expect(try names(in: base.appending(path: "2d")) == ["plans.json"])
    #expect(read("2d/plans.json", in: base) == "new")
  }

  @Test func withoutACommitNothingChanges() throws {
    let base = try temporaryFolder()
    do { _ = try prepared(in: base) }
    #expect(try names(in: base) == ["2d", "stale.json"])
    #expect(read("2d/plans.json", in: base) == "old")
  }

  @Test func aFailureRestoresEverything() throws {
    let base = try temporaryFolder()
    let change = try prepared(in: base)
    // A file where a folder must be.
    try write("mine", "in-the-way", in: base)
    try write("new", "in-the-way/file", in: change.folder)
    #expect(throws: FileError.self) {
      try change.commit(
        ["2d", "selection.json", "3d", "in-the-way/file"], removing: ["stale.json"])
    }
    #expect(
      try names(in: base).filter { !$0.hasPrefix(".") } == ["2d", "in-the-way", "stale.json"])
    #expect(read("2d/fold_0/weights", in: base) == "old")
    #expect(read("stale.json", in: base) == "old")
  }

  /// Kills at every moment of the moves: whatever was moved by then, the next run completes it.
  @Test(arguments: 0...4) func theNextRunEndsWhatWasDecided(movedSteps: Int) throws {
    let base = try temporaryFolder()
    try write("old", "2d/plans.json", in: base)
    try write("old", "2d/fold_0/weights", in: base)
    try write("old", "stale.json", in: base)
    // The state of a killed run on the disk: its folder, its journal, no lock.
    let aside = base.appending(path: TemporaryName.fresh(for: "installing"))
    try write("new", "new/2d/plans.json", in: aside)
    try write("new", "new/3d/plans.json", in: aside)
    try write("new", "new/selection.json", in: aside)
    let journal = #"{"places": ["2d", "3d", "selection.json"], "removed": ["stale.json"]}"#
    try write(journal, "decided.json", in: aside)
    try makeFolder(at: aside.appending(path: "old"))
    func move(_ source: URL, _ target: URL) { #expect(rename(source.path, target.path) == 0) }
    let steps: [() -> Void] = [
      { move(base.appending(path: "2d"), aside.appending(path: "old/2d")) },
      { move(aside.appending(path: "new/2d"), base.appending(path: "2d")) },
      { move(aside.appending(path: "new/3d"), base.appending(path: "3d")) },
      { move(aside.appending(path: "new/selection.json"), base.appending(path: "selection.json")) },
    ]
    for step in steps.prefix(movedSteps) { step() }
    #expect(Leftover(at: aside)?.state == .interrupted)
    let collector = CollectingReporter()
    sweepLeftovers(in: base, reporter: collector)
    #expect(collector.notes.count == 1 && collector.notes[0].contains("2d, 3d, selection.json"))
    #expect(try names(in: base) == ["2d", "3d", "selection.json"])
    #expect(try names(in: base.appending(path: "2d")) == ["plans.json"])
    #expect(read("2d/plans.json", in: base) == "new")
    #expect(read("selection.json", in: base) == "new")
  }

  @Test func ajournalThatLeadsElsewhereIsRefused() throws {
    let base = try temporaryFolder()
    let inner = base.appending(path: "results")
    try write("mine", "precious", in: base)
    let aside = inner.appending(path: TemporaryName.fresh(for: "installing"))
    try write("evil", "new/x", in: aside)
    try write(#"{"places": ["../precious"], "removed": []}"#, "decided.json", in: aside)
    let collector = CollectingReporter()
    sweepLeftovers(in: inner, reporter: collector)
    #expect(read("precious", in: base) == "mine")
    #expect(collector.warnings.count == 1)
  }

  @Test func aLivingChangeIsLeftAlone() throws {
    let base = try temporaryFolder()
    let change = try prepared(in: base)
    sweepLeftovers(in: base, reporter: SilentReporter())
    #expect(fileExists(change.folder))
    try change.commit(["2d"])
    #expect(read("2d/plans.json", in: base) == "new")
  }
}
