import Foundation
import HostSystem
import TestSupport
import Testing

/// Names that are almost right: the message says what exists and what to change.
@Suite struct MissingFileTests {
  private func explanation(of wanted: String, beside present: [String]) throws -> String? {
    let folder = try temporaryFolder()
    for name in present {
      let file = folder.appending(path: name)
      try makeFolder(at: file.deletingLastPathComponent())
      try Data().write(to: file)
    }
    return nearNames(to: folder.appending(path: wanted))
  }

  @Test(arguments: [
    ("case_0000.nii.gz", "case_0000.NII.GZ", "capital letters"),
    ("case_0000.nii.gz", "case_0000.nii.gz ", "a space"),
    ("case.nii.gz", "cas.nii.gz", "similar names: \"cas.nii.gz\""),
    ("c0_0000_0000.nii.gz", "c0_0000.nii.gz", "without the channel number"),
    ("sub\\case.nii.gz", "sub/case.nii.gz", "write / instead of \\"),
  ])
  func saysWhatToChange(wanted: String, present: String, expected: String) throws {
    let text = try #require(try explanation(of: wanted, beside: [present]))
    #expect(text.contains(expected), "\(text)")
  }

  @Test func otherFormsOfTheSameLettersAreNamed() throws {
    // On macOS both names are the same file.
    #if os(Linux)
      let text = try explanation(of: "caf\u{E9}.nii.gz", beside: ["cafe\u{301}.nii.gz"])
      #expect(text?.contains("NFC and NFD") == true, "\(text ?? "nothing")")
    #endif
  }

  @Test func namesThatAreNotUTF8AreShown() throws {
    #if os(Linux)
      let folder = try temporaryFolder()
      // "caf\u{E9}.nii.gz" in Latin-1.
      let bytes = Array(folder.path.utf8) + Array("/caf".utf8) + [0xE9] + Array(".nii.gz\0".utf8)
      let descriptor = bytes.withUnsafeBufferPointer {
        $0.withMemoryRebound(to: CChar.self) { open($0.baseAddress!, O_CREAT | O_WRONLY, 0o600) }
      }
      #expect(descriptor >= 0)
      close(descriptor)
      let text = nearNames(to: folder.appending(path: "caf\u{E9}.nii.gz"))
      #expect(text?.contains("not UTF-8") == true, "\(text ?? "nothing")")
    #endif
  }

  @Test func filesThatAreThereAndOtherNamesHaveNoExplanation() throws {
    #expect(try explanation(of: "a.nii.gz", beside: ["a.nii.gz"]) == nil)
    #expect(try explanation(of: "liver.nii.gz", beside: ["hippocampus.nii.gz"]) == nil)
  }

  @Test func theErrorOfReadingHasTheExplanation() throws {
    let folder = try temporaryFolder()
    try Data().write(to: folder.appending(path: "plans.JSON"))
    #expect {
      try MappedFile(at: folder.appending(path: "plans.json"))
    } throws: {
      ($0 as? FileError)?.message.contains("capital letters") == true
    }
  }
}
