import Arrays
import Foundation
import TestSupport
import Testing

@testable import Augmentation

@Suite struct PatchSamplerTests {
  private func read(
    _ location: PatchLocation, _ size: [Int]
  ) throws -> AugmentationSample {
    let array = try fixtureData("case")
    return try array.scalars.withUnsafeBufferPointer {
      try PatchReader(scalars: $0, shape: array.shape)
        .read(PatchWindow(wholePatch: size), of: location)
    }
  }

  @Test func boundsAndVoxelsEqualTheReference() throws {
    let imageSize = Array(try fixtureData("case").shape.dropFirst())
    for (index, loader) in try Manifest.read().loader3d.enumerated() {
      let sampler = PatchSampler(
        initialPatchSize: loader.initial, finalPatchSize: loader.final, batchSize: 1)
      let bounds = sampler.originBounds(imageSize: imageSize)
      #expect(bounds.map { [$0.lowerBound, $0.upperBound] } == loader.bounds)
      for (end, origin) in [
        ("low", bounds.map(\.lowerBound)), ("high", bounds.map(\.upperBound)),
      ] {
        let sample = try read(.init(origin: origin, size: loader.initial), loader.initial)
        #expect(sample.data == (try fixtureData("loader3d_\(index)_\(end)_data")))
        #expect(sample.labels == (try fixtureLabels("loader3d_\(index)_\(end)_labels")))
      }
    }
  }

  @Test func patchesAroundForegroundEqualTheReference() throws {
    let imageSize = Array(try fixtureData("case").shape.dropFirst())
    for loader in try Manifest.read().loader3d {
      let sampler = PatchSampler(
        initialPatchSize: loader.initial, finalPatchSize: loader.final, batchSize: 1,
        foregroundFraction: 1)
      for forced in loader.forced {
        let locations = ForegroundVoxels([
          forced.label: DenseArray(shape: [1, 3], scalars: forced.voxel.map { Int32($0) })
        ])
        var generator = StreamRandom(seed: 1)
        let location = sampler.location(
          element: 0, imageSize: imageSize, locations: locations, using: &generator)
        #expect(location.foregroundClass == forced.label)
        let sample = try read(location, loader.initial)
        let data = sample.data.scalars.map { Double($0) }
        #expect(abs(data.reduce(0, +) - forced.sum!) < 1e-6 * forced.absolute!)
        #expect(abs(data.map(abs).reduce(0, +) - forced.absolute!) < 1e-6 * forced.absolute!)
        #expect(sample.labels.scalars.map { Double($0) }.reduce(0, +) == forced.labels!)
      }
    }
  }

  @Test func slicesEqualTheReference() throws {
    let imageSize = Array(try fixtureData("case").shape.dropFirst())
    let loader = try Manifest.read().loader2d
    var sampler = PatchSampler(
      initialPatchSize: loader.initial, finalPatchSize: loader.final, batchSize: 1)
    let bounds = sampler.originBounds(imageSize: Array(imageSize.dropFirst()))
    #expect(bounds.map { [$0.lowerBound, $0.upperBound] } == loader.bounds)
    let random = PatchLocation(
      origin: [loader.slice] + bounds.map(\.upperBound), size: [1] + loader.initial)
    let sample = try read(random, loader.initial)
    #expect(sample.data == (try fixtureData("loader2d_data")))
    #expect(sample.labels == (try fixtureLabels("loader2d_labels")))

    sampler.foregroundFraction = 1
    let locations = ForegroundVoxels([
      loader.forced.label: DenseArray(
        shape: [1, 3], scalars: loader.forced.voxel.map { Int32($0) })
    ])
    var generator = StreamRandom(seed: 1)
    let location = sampler.location(
      element: 0, imageSize: imageSize, locations: locations, using: &generator)
    let forced = try read(location, loader.initial)
    #expect(forced.data == (try fixtureData("loader2d_forced_data")))
    #expect(forced.labels == (try fixtureLabels("loader2d_forced_labels")))
  }

  @Test func theLastElementsAreForced() throws {
    for (size, expected) in try Manifest.read().forces {
      let sampler = PatchSampler(
        initialPatchSize: [8, 8, 8], finalPatchSize: [8, 8, 8], batchSize: Int(size)!)
      #expect((0..<Int(size)!).map { sampler.forcesForeground(element: $0) } == expected)
    }
  }

  @Test func initialSizesEqualTheReference() throws {
    for entry in try Manifest.read().initial {
      let angle = entry.degrees * .pi / 180
      let angles = Array(repeating: -angle...angle, count: entry.patch.count == 3 ? 3 : 1)
      #expect(initialPatchSize(for: entry.patch, angles: angles) == entry.initial)
    }
  }

  /// Classes are equally likely, whatever their number of voxels; so are slices, and voxels in
  /// them.
  @Test func drawsClassesSlicesAndVoxelsUniformly() throws {
    var rows: [Int32] = []
    for x in 0..<90 { rows += [2, x < 9 ? 4 : 1, 3, Int32(x)] }
    rows += [7, 0, 0, 5, -1, 0, 0, 0]
    let locations = ForegroundVoxels(
      rows: DenseArray(shape: [rows.count / 4, 4], scalars: rows))
    #expect(locations.classes == [2, 7])
    var generator = StreamRandom(seed: 9)
    let count = 20_000
    let volume = (0..<count).map { _ in locations.drawVoxel(using: &generator)! }
    expectFrequency(volume.count { $0.label == 2 }, of: count, probability: 0.5)
    let columns = volume.filter { $0.label == 2 }.map { Double($0.voxel[2]) }
    expectUniform(columns.map { $0 + 0.5 }, in: 0...90)
    let slices = (0..<count).map { _ in locations.drawVoxelBySlice(using: &generator)! }
    expectFrequency(slices.count { $0.label == 2 }, of: count, probability: 0.5)
    let second = slices.filter { $0.label == 2 }
    expectFrequency(second.count { $0.voxel[0] == 4 }, of: second.count, probability: 0.5)
    expectFrequency(second.count { $0.voxel[2] == 3 }, of: second.count, probability: 0.5 / 9)
  }

  @Test func randomOriginsFillTheirBounds() {
    let sampler = PatchSampler(
      initialPatchSize: [10, 14, 12], finalPatchSize: [8, 12, 9], batchSize: 3)
    let bounds = sampler.originBounds(imageSize: [7, 20, 9])
    var generator = StreamRandom(seed: 2)
    let origins = (0..<5000).map { _ in
      sampler.location(
        element: 0, imageSize: [7, 20, 9], locations: ForegroundVoxels([:]), using: &generator
      ).origin
    }
    for axis in 0..<3 {
      #expect(Set(origins.map { $0[axis] }) == Set(bounds[axis]))
      let ends = Double(bounds[axis].lowerBound)...Double(bounds[axis].upperBound)
      let count = origins.count { Double($0[axis]) == ends.upperBound }
      expectFrequency(count, of: origins.count, probability: 1 / Double(bounds[axis].count))
    }
  }

  @Test func casesWithoutForegroundGetRandomPatches() {
    let sampler = PatchSampler(
      initialPatchSize: [4, 4, 4], finalPatchSize: [4, 4, 4], batchSize: 2)
    var generator = StreamRandom(seed: 4)
    for (element, lacks) in [(0, false), (1, true)] {
      let location = sampler.location(
        element: element, imageSize: [9, 9, 9], locations: ForegroundVoxels([:]), using: &generator)
      #expect(location.foregroundClass == nil)
      #expect(location.lacksForeground == lacks)
      #expect(location.origin.allSatisfy { (0...5).contains($0) })
    }
  }

  @Test func previousLabelsAreReadAndPaddedWithBackground() throws {
    let scalars = (0..<2 * 3 * 4 * 5).map { Float($0 % 3) }
    let previous = (0..<60).map { UInt8($0 % 4 + 1) }
    let sample = try scalars.withUnsafeBufferPointer { scalars in
      try previous.withUnsafeBufferPointer { previous in
        try PatchReader(scalars: scalars, shape: [2, 3, 4, 5], previousLabels: previous).read(
          PatchWindow(wholePatch: [2, 2, 2]),
          of: PatchLocation(origin: [-1, 3, 4], size: [2, 2, 2]))
      }
    }
    #expect(sample.labels.shape == [2, 2, 2, 2])
    #expect(sample.labels.scalars == [-1, -1, -1, -1, 1, -1, -1, -1, 0, 0, 0, 0, 4, 0, 0, 0])
    #expect(sample.data.scalars == [0, 0, 0, 0, 1, 0, 0, 0])
  }

  @Test(arguments: [Float.nan, 0.5, 40_000, 3, -2]) func damagedLabelsAreAnError(label: Float) {
    let scalars: [Float] = [0, 0, label, 1]
    scalars.withUnsafeBufferPointer { scalars in
      let reader = PatchReader(scalars: scalars, shape: [2, 1, 1, 2], labels: -1...2)
      #expect {
        try reader.read(
          PatchWindow(wholePatch: [1, 1, 2]),
          of: PatchLocation(origin: [0, 0, 0], size: [1, 1, 2]))
      } throws: { error in
        guard case AugmentationError.badLabel(let value, -1...2)? = error as? AugmentationError
        else { return false }
        return value == label || value.isNaN && label.isNaN
      }
    }
  }
}
