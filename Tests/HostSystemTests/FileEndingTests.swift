import HostSystem
import Testing

@Suite struct FileEndingTests {
  @Test func theLongestEndingOfANameCounts() {
    #expect(FileEnding(ofName: "a.nii.gz")?.text == ".nii.gz")
    #expect(FileEnding(ofName: "a.seg.nrrd")?.text == ".seg.nrrd")
    #expect(FileEnding(ofName: "a.NRRD")?.text == ".NRRD")
    #expect(FileEnding(ofName: "a.NRRD")?.format == ".nrrd")
    #expect(FileEnding(ofName: "a.jpg") == nil)
    #expect(FileEnding(".jpg") == nil)
    #expect(FileEnding(".tif")?.stem(of: "case.tif") == "case")
    #expect(FileEnding(".tif")?.stem(of: ".tif") == nil)
    #expect(FileEnding(".tif")?.stem(of: "case.png") == nil)
  }

  @Test(arguments: [
    (["a.nii.gz", "b.png", "c.png"], ".nii.gz"), (["a.nii", "b.png", "c.png"], ".nii"),
    (["a.png", "b.png", "c.tif"], ".png"), (["a.json", "plans.pkl"], ".nii.gz"), ([], ".nii.gz"),
  ])
  func theEndingOfAFolderIsThatOfItsImages(names: [String], ending: String) {
    #expect(FileEnding(ofImagesAmong: names).text == ending)
  }
}
