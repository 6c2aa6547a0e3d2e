import Arrays
import Foundation
import Imaging
import Phantoms
import Plans
import TestSupport
import Testing

@Suite struct PhantomTaskTests {
  private func small(_ contrast: PhantomRecipe.Contrast = .mr) -> PhantomRecipe {
    PhantomRecipe(
      contrast: contrast, trainingCount: 3, testCount: 2, size: [20, 28, 20], spacing: [2, 2, 2])
  }

  /// All files below a folder with their contents.
  private func contents(of folder: URL) throws -> [String: Data] {
    var contents: [String: Data] = [:]
    for path in try FileManager.default.subpathsOfDirectory(atPath: folder.path) {
      let url = folder.appending(path: path)
      if let data = try? Data(contentsOf: url) { contents[path] = data }
    }
    return contents
  }

  @Test func writesTheLayoutOfTheDecathlon() throws {
    let folder = try temporaryFolder()
    let task = try makePhantomTask(small(), in: folder)
    #expect(task.lastPathComponent == "Task90_Phantoms")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 1)
    let dataset = try DatasetDescription.read(from: task.appending(path: "dataset.json"))
    #expect(dataset.training.map(\.identifier) == ["phantom_001", "phantom_002", "phantom_003"])
    #expect(dataset.test == ["./imagesTs/test_001.nii.gz", "./imagesTs/test_002.nii.gz"])
    #expect(dataset.labels == [0: "background", 1: "head", 2: "tail"])
    #expect(dataset.channelNames == [0: "T1"])
    let pairs =
      dataset.training.map { ($0.image, $0.label) }
      + dataset.test.map { ($0, $0.replacingOccurrences(of: "images", with: "labels")) }
    for (image, label) in pairs {
      let header = try NIfTIFile.readHeader(at: task.appending(path: image))
      #expect(header.scalar == .int16)
      let labels = try NIfTIFile.readLabels(at: task.appending(path: label))
      #expect(labels.labels.shape == header.volumeShape)
      #expect(labels.geometry == header.geometry)
      #expect(header.geometry.spacing == [2, 2, 2])
      for (extent, mean) in zip(header.volumeShape, [20, 28, 20]) {
        #expect(abs(extent - mean) <= mean / 10 + 1)
      }
    }
  }

  @Test func equalRecipesMakeEqualFiles() throws {
    let first = try makePhantomTask(small(.ct), in: temporaryFolder(), threads: 1)
    let second = try makePhantomTask(small(.ct), in: temporaryFolder(), threads: 3)
    #expect(try contents(of: first) == contents(of: second))
    #expect(try contents(of: first).count == 11)
  }

  @Test func moreCasesAndOtherSeeds() throws {
    var recipe = small()
    let first = try contents(of: makePhantomTask(recipe, in: temporaryFolder()))
    recipe.trainingCount = 4
    let more = try contents(of: makePhantomTask(recipe, in: temporaryFolder()))
    for (path, data) in first where path != "dataset.json" {
      #expect(more[path] == data, "\(path)")
    }
    recipe.seed = 2
    let other = try contents(of: makePhantomTask(recipe, in: temporaryFolder()))
    for (path, data) in first { #expect(other[path] != data, "\(path)") }
    let images = first.filter { $0.key.hasPrefix("images") }.values
    #expect(Set(images).count == images.count)
  }

  @Test func severalChannelsMake4DImages() throws {
    var recipe = small().anisotropic
    recipe.channelCount = 3
    #expect(recipe.size == [5, 28, 20])
    #expect(recipe.spacing == [8, 2, 2])
    let task = try makePhantomTask(recipe, name: "Task07_Many", in: temporaryFolder())
    let image = task.appending(path: "imagesTr/phantom_001.nii.gz")
    let header = try NIfTIFile.readHeader(at: image)
    #expect(header.extents.count == 4)
    #expect(header.volumeCount == 3)
    #expect(header.geometry.spacing == [2, 2, 8])
    let dataset = try DatasetDescription.read(from: task.appending(path: "dataset.json"))
    #expect(dataset.channelNames == [0: "T1", 1: "T2", 2: "FLAIR"])
    #expect(dataset.tensorImageSize == "4D")
  }

  @Test func anExistingTaskIsReplacedOnlyOnRequest() throws {
    let folder = try temporaryFolder()
    var recipe = small()
    let task = try makePhantomTask(recipe, in: folder)
    recipe.trainingCount = 1
    #expect(throws: PhantomError.outputExists(path: task.path)) {
      try makePhantomTask(recipe, in: folder)
    }
    #expect(FileManager.default.fileExists(atPath: task.path + "/imagesTr/phantom_003.nii.gz"))
    try makePhantomTask(recipe, in: folder, overwrites: true)
    #expect(!FileManager.default.fileExists(atPath: task.path + "/imagesTr/phantom_003.nii.gz"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 1)
  }

  @Test func impossibleRecipesAreRefused() throws {
    let folder = try temporaryFolder()
    let wrong: [(inout PhantomRecipe) -> Void] = [
      { $0.channelCount = 0 }, { $0.channelCount = 5 }, { $0.trainingCount = 0 },
      { $0.testCount = -1 }, { $0.size = [10, 10] }, { $0.size = [0, 10, 10] },
      { $0.size = [10, 10, 100_000] }, { $0.spacing = [1, 1, 0] }, { $0.spacing = [1, 1, .nan] },
      { $0.noise = -1 },
    ]
    for change in wrong {
      var recipe = small()
      change(&recipe)
      #expect(throws: PhantomError.self, "\(recipe)") { try makePhantomTask(recipe, in: folder) }
    }
    for name in ["Phantoms", "Task_A", "Task1", "Task1_", "Task1_a/b", "../Task1_a"] {
      #expect(throws: PhantomError.invalidName(name)) {
        try makePhantomTask(small(), name: name, in: folder)
      }
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
  }

  @Test func aFolderThatCannotBeWrittenIsNamed() throws {
    let file = try temporaryFolder().appending(path: "file")
    try Data().write(to: file)
    #expect {
      try makePhantomTask(small(), in: file)
    } throws: {
      String(describing: $0).contains(file.path)
    }
  }

  @Test(arguments: [Int.max, 100_001, -1]) func absurdNumbersOfCasesAreRefused(count: Int) throws {
    let folder = try temporaryFolder()
    for recipe in [
      PhantomRecipe(trainingCount: count, testCount: 1),
      PhantomRecipe(trainingCount: 1, testCount: count),
    ] {
      #expect(throws: PhantomError.self) { try makePhantomTask(recipe, in: folder) }
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
  }
}
