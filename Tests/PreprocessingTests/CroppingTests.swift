import Arrays
import Plans
import TestSupport
import Testing

@testable import Preprocessing

@Suite struct CroppingTests {
  @Test(arguments: 0..<6)
  func fillsHolesAsScipyDoes(_ number: Int) throws {
    let fixture = try PreprocessingFixture.load()
    var mask = try fixture.array("mask_\(number)").map { $0 != 0 }
    Cropping.fillHoles(&mask)
    #expect(try mask == fixture.array("filled_\(number)").map { $0 != 0 })
  }

  /// Compared with a search that visits one voxel after the other.
  @Test(
    arguments: [0.4, 0.55, 0.7], [[8, 9, 10], [3, 20, 17], [1, 5, 5], [5, 1, 9], [16, 4, 2]])
  func fillsHolesAsASearchDoes(_ level: Double, _ shape: [Int]) {
    var random = StreamRandom(seed: 3, stream: UInt64(level * 100))
    let count = shape.reduce(1, *)
    var mask = DenseArray(
      shape: shape,
      scalars: (0..<count).map { _ in Double.random(in: 0..<1, using: &random) < level })
    let expected = filledBySearch(mask)
    Cropping.fillHoles(&mask)
    #expect(mask == expected)
  }

  private func filledBySearch(_ mask: DenseArray<Bool>) -> DenseArray<Bool> {
    let shape = mask.shape
    var outside = mask.map { _ in false }
    var open: [[Int]] = []
    func visit(_ voxel: [Int]) {
      guard zip(voxel, shape).allSatisfy({ 0..<$1 ~= $0 }) else { return }
      let (z, y, x) = (voxel[0], voxel[1], voxel[2])
      guard !mask[z, y, x], !outside[z, y, x] else { return }
      outside[z, y, x] = true
      open.append(voxel)
    }
    for z in 0..<shape[0] {
      for y in 0..<shape[1] {
        for x in 0..<shape[2]
        where z == 0 || y == 0 || x == 0 || z == shape[0] - 1 || y == shape[1] - 1
          || x == shape[2] - 1
        {
          visit([z, y, x])
        }
      }
    }
    while let voxel = open.popLast() {
      for axis in 0..<3 {
        for step in [-1, 1] {
          var neighbour = voxel
          neighbour[axis] += step
          visit(neighbour)
        }
      }
    }
    return outside.map { !$0 }
  }

  @Test func cropsAsNNUNetDoes() throws {
    let fixture = try PreprocessingFixture.load()
    let cropped = try Cropping.crop(PreprocessingFixture.rawCase())
    #expect(cropped.properties.cropBox == fixture.manifest.cropBox)
    #expect(cropped.properties.labels == fixture.manifest.labels)
    #expect(try cropped.data == fixture.array("cropped_data"))
    #expect(try cropped.labels == fixture.labels("cropped_labels"))
    #expect(cropped.properties.sizeAfterCropping == cropped.labels.shape)
    #expect(cropped.labels.scalars.contains(-1) && cropped.labels.shape != [10, 21, 18])
    let mask = Cropping.nonzeroMask(try fixture.array("data"))
    #expect(try mask == fixture.array("nonzero_mask").map { $0 != 0 })
  }

  @Test func withoutLabelsTheMaskIsTheLabel() throws {
    var raw = try PreprocessingFixture.rawCase()
    raw.labels = nil
    let cropped = try Cropping.crop(raw)
    #expect(
      try cropped.labels == PreprocessingFixture.load().labels("cropped_without_labels"))
    #expect(cropped.properties.labels == [-1, 0])
  }

  @Test func anEmptyImageIsAnError() throws {
    var raw = try PreprocessingFixture.rawCase()
    raw.data = raw.data.map { _ in 0 }
    #expect(throws: PreprocessingError.emptyImage(files: raw.properties.imageFiles)) {
      try Cropping.crop(raw)
    }
  }

  /// One voxel in each corner of the box, in different channels.
  @Test(arguments: [[2, 3, 4], [0, 0, 0], [4, 6, 7]])
  func theBoxHoldsEveryVoxel(_ corner: [Int]) throws {
    var data = DenseArray<Float>(shape: [2, 5, 7, 8], filledWith: 0)
    data[0, corner[0], corner[1], corner[2]] = -1
    data[1, 3, 1, 6] = 0.5
    let other = [3, 1, 6]
    let box = try #require(NonzeroMask.boundingBox(of: data))
    #expect(box == (0..<3).map { min(corner[$0], other[$0])..<max(corner[$0], other[$0]) + 1 })
  }
}
