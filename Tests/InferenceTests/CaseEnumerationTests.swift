import Foundation
import HostSystem
import TestSupport
import Testing

@testable import Inference

@Suite struct CaseEnumerationTests {
  @Test func findsCasesAndTheirChannelsInOrder() throws {
    let folder = try makeImages([
      "b_0001.nii.gz", "b_0000.nii.gz", "a_1_0000.nii.gz", "a_1_0001.nii", ".hidden_0000.nii.gz",
      "notes.txt", "plans.json",
    ])
    let found = try CaseEnumeration(folder: folder, channelCount: 2)
    #expect(found.cases.map(\.identifier) == ["a_1", "b"])
    #expect(
      found.cases.map { $0.imageFiles.map(\.lastPathComponent) } == [
        ["a_1_0000.nii.gz", "a_1_0001.nii"], ["b_0000.nii.gz", "b_0001.nii.gz"],
      ])
    #expect(found.problems.isEmpty)
  }

  @Test func reportsEachCaseThatDoesNotFit() throws {
    let folder = try makeImages([
      "good_0000.nii.gz", "good_0001.nii.gz",
      "missing_0000.nii.gz",
      "surplus_0000.nii.gz", "surplus_0001.nii.gz", "surplus_0002.nii.gz",
      "twice_0000.nii", "twice_0000.nii.gz", "twice_0001.nii.gz",
      "unnumbered.nii.gz",
    ])
    let found = try CaseEnumeration(folder: folder, channelCount: 2)
    #expect(found.cases.map(\.identifier) == ["good"])
    #expect(found.problems.map(\.identifier) == ["missing", "surplus", "twice", "unnumbered"])
    let reasons = found.problems.map(\.reason)
    #expect(reasons[0].contains("missing_0001.nii.gz"))
    #expect(reasons[1].contains("surplus_0002.nii.gz"))
    #expect(reasons[2].contains("twice_0000.nii"))
    #expect(reasons[3].contains("unnumbered.nii.gz"))
  }

  @Test func warnsOnceOfOtherNumbersOfChannels() throws {
    let folder = try makeImages([
      "a_0000.nii.gz", "b_0000.nii.gz", "c_0000.nii.gz", "d_0000.nii.gz", "good_0000.nii.gz",
      "good_0001.nii.gz", "e_0000.nii.gz", "e_0001.nii.gz", "e_0002.nii.gz", "unnumbered.nii.gz",
    ])
    let found = try CaseEnumeration(folder: folder, channelCount: 2)
    let warning = try #require(found.channelWarning(names: [0: "T1", 1: "FLAIR"]))
    #expect(warning.contains("expects 2 channels, 5 of 7 cases differ"), "\(warning)")
    #expect(warning.contains("4 cases with 1 channel (a, b, c, …); 1 case with 3 channels (e)"))
    #expect(warning.contains("CASE_0000.nii.gz (T1), CASE_0001.nii.gz (FLAIR)"), "\(warning)")
    // A part reports only its own cases: "good" is the sixth of seven.
    #expect(found.part(5, of: 7).channelWarning(names: [0: "T1", 1: "FLAIR"]) == nil)
    #expect(
      found.part(0, of: 7).channelWarning(names: [0: "T1", 1: "FLAIR"])?.contains("1 of 1") == true)
  }

  @Test func partsShareAllCasesWithoutOverlap() throws {
    let folder = try makeImages((0..<7).map { "case\($0)_0000.nii.gz" } + ["case9_0001.nii.gz"])
    let all = try CaseEnumeration(folder: folder, channelCount: 1)
    let parts = (0..<3).map { all.part($0, of: 3) }
    #expect(parts[0].cases.map(\.identifier) == ["case0", "case3", "case6"])
    #expect(Set(parts.flatMap(\.cases)) == Set(all.cases))
    #expect(parts.map(\.problems.count) == [0, 1, 0])
  }

  @Test func emptyAndAbsentFoldersAreErrors() throws {
    let folder = try makeImages(["readme.txt"])
    #expect(throws: InferenceError.noImages(folder: folder.path, near: [])) {
      try CaseEnumeration(folder: folder, channelCount: 1)
    }
    #expect(throws: FileError.self) {
      try CaseEnumeration(folder: folder.appendingPathComponent("absent"), channelCount: 1)
    }
  }

  @Test func namesThatAreAlmostRightAreNamed() throws {
    let folder = try makeImages(["a_0000.NII.GZ", "b_0000.nii.gz ", "notes.txt", "._c_0000.nii.gz"])
    let error = #expect(throws: InferenceError.self) {
      try CaseEnumeration(folder: folder, channelCount: 1)
    }
    #expect(error?.message.contains("\"a_0000.NII.GZ\", \"b_0000.nii.gz \"") == true)
    #expect(error?.hint?.contains("lower case") == true)
  }

  @Test func foldersThatAreNamedLikeImagesAreLeftOut() throws {
    let folder = try makeImages(["a_0000.nii.gz", "._a_0000.nii.gz"])
    try makeFolder(at: folder.appending(path: "b_0000.nii.gz"))
    let found = try CaseEnumeration(folder: folder, channelCount: 1)
    #expect(found.cases.map(\.identifier) == ["a"] && found.problems.isEmpty)
  }

  /// A combining mark after the number does not make it another number.
  @Test func namesAreTakenApartByBytes() throws {
    let folder = try makeImages(["a_0000\u{301}.nii.gz", "b\u{600}_0000.nii.gz"])
    let found = try CaseEnumeration(folder: folder, channelCount: 1)
    #expect(found.cases.map(\.identifier) == ["b\u{600}"])
    #expect(found.problems.map(\.identifier) == ["a_0000\u{301}"])
  }

  private func makeImages(_ names: [String]) throws -> URL {
    let folder = try temporaryFolder()
    for name in names { try Data().write(to: folder.appendingPathComponent(name)) }
    return folder
  }
}
