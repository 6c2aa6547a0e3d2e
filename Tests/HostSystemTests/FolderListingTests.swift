import Foundation
import HostSystem
import TestSupport
import Testing

@Suite struct FolderListingTests {
  @Test func hiddenNamesAndFoldersAreLeftOut() throws {
    let folder = try temporaryFolder()
    for name in ["b.nii.gz", "a.nii.gz", "._a.nii.gz", ".DS_Store", "notes.txt"] {
      try Data().write(to: folder.appending(path: name))
    }
    try makeFolder(at: folder.appending(path: "c.nii.gz"))
    #expect(try visibleNames(in: folder) == ["a.nii.gz", "b.nii.gz", "c.nii.gz", "notes.txt"])
    #expect(try fileNames(in: folder, endingWith: ".nii.gz") == ["a.nii.gz", "b.nii.gz"])
    #expect(try folderNames(in: folder) == ["c.nii.gz"])
  }

  @Test func whatCannotBeListedIsNamed() throws {
    let folder = try temporaryFolder()
    let file = folder.appending(path: "images")
    try Data().write(to: file)
    #expect(throws: FileError.cannotRead(path: file.path, reason: "it is a file, not a folder")) {
      try visibleNames(in: file)
    }
    #expect {
      try visibleNames(in: folder.appending(path: "image"))
    } throws: {
      ($0 as? FileError)?.message.contains("\"images\"") == true
    }
  }
}
