import Arrays
import Foundation
import Plans
import TestSupport
import Testing

@testable import Preprocessing

@Suite struct StoreTests {
  private func makeCropped() throws -> CroppedCase {
    try Cropping.crop(PreprocessingFixture.rawCase())
  }

  @Test func croppedCasesComeBack() throws {
    let store = CroppedStore(folder: try temporaryFolder())
    let cropped = try makeCropped()
    for name in ["b", "a_2", "a", "a-1"] { try store.write(cropped, name) }
    // As sorted file names: "a-1.npy" < "a.npy" < "a_2.npy".
    #expect(try store.identifiers() == ["a-1", "a", "a_2", "b"])
    let read = try store.read("a")
    #expect(read.data == cropped.data && read.labels == cropped.labels)
    #expect(read.properties == cropped.properties)
    let array = try NPYFile.read(store.folder.appendingPathComponent("a.npy"), as: Float.self)
    #expect(array.shape == [3] + cropped.labels.shape)
    #expect(array.slice(2) == cropped.labels.map { Float($0) })
    var properties = read.properties
    properties.usesMaskForNormalization = [0: true, 1: false]
    try store.write(properties, of: "a")
    #expect(try store.properties(of: "a") == properties)
    try store.remove("a_2")
    #expect(try store.identifiers() == ["a-1", "a", "b"])
  }

  @Test func incompleteCasesAreNotListed() throws {
    let store = CroppedStore(folder: try temporaryFolder())
    try store.write(makeCropped(), "whole")
    try store.write(makeCropped(), "half")
    try FileManager.default.removeItem(at: store.folder.appendingPathComponent("half.json"))
    try Data("{}".utf8).write(to: store.folder.appendingPathComponent("dataset.json"))
    try Data().write(to: store.folder.appendingPathComponent(".x.npy.tmp"))
    #expect(try store.identifiers() == ["whole"])
    #expect(throws: (any Error).self) {
      try CroppedStore(folder: store.folder.appendingPathComponent("nowhere")).identifiers()
    }
  }

  @Test func damagedCasesAreErrors() throws {
    let store = CroppedStore(folder: try temporaryFolder())
    try store.write(makeCropped(), "a")
    var properties = try store.properties(of: "a")
    let shape = properties.sizeAfterCropping
    properties.sizeAfterCropping = [1, 2, 3]
    properties.cropBox = [[0, 1], [0, 2], [0, 3]]
    try store.write(properties, of: "a")
    let file = store.folder.appendingPathComponent("a.npy")
    #expect(
      throws: PreprocessingError.inconsistentCase(
        file: file.path, shape: [3] + shape, expected: [3, 1, 2, 3])
    ) {
      try store.open("a")
    }
    try Data(contentsOf: file).dropLast(100).write(to: file)
    #expect(throws: NPYError.self) { try store.open("a") }
  }

  @Test func preparedCasesComeBackMapped() throws {
    let store = PreparedStore(folder: try temporaryFolder())
    let plans = makePlans(spacing: [1.5, 1, 1])
    let prepared = try Preprocessor(plans: plans, stage: 0).prepare(makeCropped())
    let locations = ClassLocations(sampling: prepared.labels, classes: [1, 2])
    try store.write(prepared, locations: locations, "a")
    #expect(try store.identifiers() == ["a"])
    let mapped = try store.open("a")
    #expect(mapped.channelCount == 2 && mapped.shape == prepared.labels.shape)
    #expect(try mapped.loadedData() == prepared.data)
    #expect(try mapped.loadedLabels() == prepared.labels)
    #expect(mapped.properties == prepared.properties)
    #expect(try store.classLocations(of: "a") == locations)
    #expect(locations.count(of: 1) > 0)
    let voxel = locations.location(of: 2, at: 0)
    #expect(prepared.labels[voxel[0], voxel[1], voxel[2]] == 2)
  }
}
