import Arrays
import Foundation
import TestSupport
import Testing

@testable import Resampling

@Suite struct SplineSamplerTests {
  @Test(arguments: ResamplingFixture.manifest?.samples ?? [])
  func equalsMapCoordinates(_ entry: ResamplingManifest.Sample) throws {
    let fixture = try ResamplingFixture.load()
    if entry.source == "sampled_labels_source" {
      let source = try fixture.labels(entry.source)
      let result = sampleLabelsAffine(source, map: entry.map, outputShape: entry.shape)
      #expect(try result == fixture.labels(entry.result))
      let floats = sampleLabelsAffine(
        source.map { Float($0) }, map: entry.map, outputShape: entry.shape)
      #expect(floats == result.map { Float($0) })
      return
    }
    let expected = try fixture.array(entry.result)
    let result = sampleAffine(
      try fixture.array(entry.source), map: entry.map, outputShape: entry.shape,
      order: try InterpolationOrder(entry.order), outside: -3)
    #expect(result.shape == expected.shape)
    // Single precision throughout, values up to 150.
    expectClose(result.scalars, expected.scalars, absolute: 1e-4)
    #expect(result.scalars.contains { $0 != -3 })
  }

  @Test func prefilterEqualsScipy() throws {
    let fixture = try ResamplingFixture.load()
    let volume = try fixture.array("volume")
    var scalars = volume.scalars
    MirrorPrefilter(shape: volume.shape).run(&scalars)
    expectClose(scalars, try fixture.array("coefficients").scalars, absolute: 1e-3)
  }

  @Test func theLastVoxelIsInsideAndTheNextIsNot() {
    let line = DenseArray<Float>(shape: [1, 3], scalars: [5, 6, 7])
    for order in InterpolationOrder.allCases {
      let sampler = SplineSampler(line, order: order)
      let exact = sampler.sample(
        AffineMap(matrix: [1, 0, 0, 1], offset: [0, 0]), outputShape: [2, 4], outside: -1)
      expectClose(exact.scalars, [5, 6, 7, -1, -1, -1, -1, -1] as [Float], absolute: 1e-5)
      let before = sampler.sample(
        AffineMap(matrix: [1, 0, 0, 1], offset: [0, -1e-9]), outputShape: [1, 1], outside: -1)
      #expect(before.scalars == [-1])
    }
  }

  @Test func sampledLabelsTakeTheGivenLabelOutside() {
    let labels = DenseArray<Int16>(shape: [2, 2], filledWith: 3)
    let result = sampleLabelsAffine(
      labels, map: AffineMap(matrix: [1, 0, 0, 1], offset: [0, 0.5]), outputShape: [1, 2],
      outside: -1)
    #expect(result.scalars == [3, -1])
  }

  private struct Angles: Decodable {
    var angles: [Double]
    var scale: Double
    var patch: [Int]
  }

  /// The positions of batchgenerators' rotation and scaling are an affine map; read it from them.
  @Test(.enabled(if: sharedURL("golden/numerics") != nil, "\(sharedDataIsAbsent)"))
  func equalsGoldenAugmentation() throws {
    let folder = try #require(sharedURL("golden/numerics"))
    func array(_ name: String) throws -> DenseArray<Float> {
      try NPYFile.readFloats(folder.appendingPathComponent("\(name).npy"))
    }
    let positions = try NPYFile.read(
      folder.appendingPathComponent("i_sp_coords.npy"), as: Double.self)
    let shape = Array(positions.shape.dropFirst())
    var matrix: [Double] = []
    var offset: [Double] = []
    for axis in 0..<3 {
      let origin = positions[axis, 0, 0, 0]
      matrix += [
        positions[axis, 1, 0, 0] - origin, positions[axis, 0, 1, 0] - origin,
        positions[axis, 0, 0, 1] - origin,
      ]
      offset.append(origin)
    }
    let map = AffineMap(matrix: matrix, offset: offset)
    let image = try array("i_sp_img").reshaped(to: Array(array("i_sp_img").shape.suffix(3)))
    let result = sampleAffine(image, map: map, outputShape: shape)
    expectClose(result.scalars, try array("i_sp_img_out").scalars, absolute: 1e-4)
    let source = try NPYFile.read(
      folder.appendingPathComponent("i_sp_seg.npy"), as: Int8.self
    ).map { Int16($0) }
    let sampled = sampleLabelsAffine(
      source.reshaped(to: Array(source.shape.suffix(3))), map: map, outputShape: shape)
    #expect(try sampled.scalars == array("i_sp_seg_out").scalars.map { Int16($0) })
  }
}
