import Arrays
import Foundation
import TestSupport
import Testing

@testable import Augmentation

@Suite struct SpatialTransformTests {
  private func transform(_ patch: [Int], _ initial: [Int], slices: Bool = false) -> SpatialTransform
  {
    SpatialTransform(
      patchSize: patch, initialPatchSize: initial,
      angles: Array(repeating: -1...1, count: patch.count == 3 && !slices ? 3 : 1),
      transformsSlices: slices)
  }

  @Test func equalsBatchgeneratorsForVolumes() throws {
    let cases = try Manifest.read().spatial3d
    for (index, parameters) in cases.cases.enumerated() {
      var sample = try fixtureSample()
      let transform = transform(cases.patch, sample.spatialShape)
      transform.apply(.init(angles: parameters.angles, scale: parameters.scale), to: &sample)
      #expect(sample.data.shape == [2] + cases.patch)
      expectClose(
        sample.data.scalars, try fixtureData("spatial3d_\(index)_data").scalars, absolute: 1e-5)
      #expect(sample.labels == (try fixtureLabels("spatial3d_\(index)_labels")))
    }
  }

  @Test func aFactorForEachAxisEqualsBatchgenerators() throws {
    var sample = try fixtureSample()
    transform([10, 12, 11], sample.spatialShape).apply(
      .init(angles: [0.3, -0.2, 0.45], axisScales: [0.8, 1, 0.9]), to: &sample)
    expectClose(
      sample.data.scalars, try fixtureData("spatialaxes_data").scalars, absolute: 1e-5)
    #expect(sample.labels == (try fixtureLabels("spatialaxes_labels")))
  }

  @Test func factorsForEachAxisAndSingleAnglesAreDrawn() {
    var transform = transform([10, 12, 11], [15, 18, 17])
    transform.rotationProbability = 1
    transform.scaleProbability = 1
    transform.independentScaleProbability = 0.3
    transform.angleProbability = 0.5
    var generator = StreamRandom(seed: 4)
    let drawn = (0..<20_000).map { _ in transform.draw(using: &generator) }
    let independent = drawn.compactMap(\.axisScales)
    expectFrequency(independent.count, of: drawn.count, probability: 0.3)
    #expect(drawn.allSatisfy { ($0.scale == nil) != ($0.axisScales == nil) })
    #expect(independent.allSatisfy { Set($0).count == 3 })
    for axis in 0..<3 {
      let factors = independent.map { $0[axis] }
      expectFrequency(factors.count { $0 < 1 }, of: factors.count, probability: 0.5)
      expectUniform(factors.filter { $0 < 1 }, in: 0.7...1)
      let angles = drawn.map { $0.angles![axis] }
      expectFrequency(angles.count { $0 != 0 }, of: angles.count, probability: 0.5)
      expectUniform(angles.filter { $0 != 0 }, in: -1...1)
    }
  }

  @Test func equalsBatchgeneratorsForImages() throws {
    let cases = try Manifest.read().spatial2d
    for (index, parameters) in cases.cases.enumerated() {
      var sample = try fixtureSlice(cases.slice!)
      let transform = transform(cases.patch, sample.spatialShape)
      transform.apply(.init(angles: parameters.angles, scale: parameters.scale), to: &sample)
      expectClose(
        sample.data.scalars, try fixtureData("spatial2d_\(index)_data").scalars, absolute: 1e-5)
      #expect(sample.labels == (try fixtureLabels("spatial2d_\(index)_labels")))
    }
  }

  @Test func equalsBatchgeneratorsForSlicesOfAVolume() throws {
    let fixture = try Manifest.read().dummy2d
    let whole = try fixtureSample()
    let origin = [fixture.slices[0], 0, 0]
    let size = [fixture.slices[1] - fixture.slices[0]] + whole.spatialShape.dropFirst()
    var sample = AugmentationSample(
      data: whole.data.cropped(origin: origin, size: size),
      labels: whole.labels.cropped(origin: origin, size: size))
    let transform = transform(fixture.patch, size, slices: true)
    transform.apply(.init(angles: fixture.angles, scale: fixture.scale), to: &sample)
    expectClose(sample.data.scalars, try fixtureData("spatialdummy_data").scalars, absolute: 1e-5)
    #expect(sample.labels == (try fixtureLabels("spatialdummy_labels")))
  }

  /// The part that is read of the initial patch must not change the sample.
  @Test(arguments: [0.7, 1.0, 1.4]) func aWindowIsAsGoodAsTheWholePatch(scale: Double) throws {
    var generator = StreamRandom(seed: 7)
    let initial = [61, 58, 66]
    let whole = AugmentationSample(
      data: DenseArray(
        shape: [1] + initial,
        scalars: (0..<initial.reduce(1, *)).map { _ in Float(generator.gaussian()) }),
      labels: DenseArray(
        shape: [1] + initial,
        scalars: (0..<initial.reduce(1, *)).map { Int16($0 / 7 % 3) - 1 }))
    for (patch, slices) in [([14, 12, 16], false), ([61, 12, 16], true)] {
      let transform = transform(patch, initial, slices: slices)
      let parameters = SpatialTransform.Parameters(
        angles: slices ? [0.4] : [0.3, -0.4, 0.2], scale: scale)
      let window = transform.window(for: parameters)
      #expect(window.size.reduce(1, *) < initial.reduce(1, *))
      let part = AugmentationSample(
        data: whole.data.cropped(origin: window.origin, size: window.size),
        labels: whole.labels.cropped(origin: window.origin, size: window.size))
      var expected = whole
      transform.apply(parameters, to: &expected)
      #expect(transform.apply(parameters, to: part, window: window) == expected)
    }
  }

  @Test func withoutParametersTheMiddleIsCutOut() throws {
    var sample = try fixtureSample()
    let expected = sample.data.cropped(origin: [2, 2, 2], size: [10, 13, 12])
    transform([10, 13, 12], [15, 18, 17]).apply(.init(), to: &sample)
    #expect(sample.data == expected)
  }

  @Test(.enabled(if: sharedURL(numericsFolder) != nil, Comment(rawValue: sharedDataIsAbsent)))
  func equalsTheReferenceNumbersOnALargerImage() throws {
    let folder = try #require(sharedURL(numericsFolder))
    func read(_ name: String) throws -> DenseArray<Float> {
      try NPYFile.read(folder.appendingPathComponent("i_\(name).npy"), as: Float.self)
    }
    let image = try read("sp_img")
    let labels = try NPYFile.read(
      folder.appendingPathComponent("i_sp_seg.npy"), as: Int8.self
    ).map { Int16($0) }
    func expectEqual(
      _ data: DenseArray<Float>, _ labels: DenseArray<Int16>, _ patch: [Int], _ angles: [Double],
      _ scale: Double, _ name: String
    ) throws {
      var sample = AugmentationSample(
        data: data.reshaped(to: [1] + data.shape), labels: labels.reshaped(to: [1] + labels.shape))
      transform(patch, data.shape).apply(.init(angles: angles, scale: scale), to: &sample)
      expectClose(sample.data.scalars, try read("\(name)_img_out").scalars, absolute: 1e-4)
      expectClose(
        sample.labels.scalars.map { Float($0) }, try read("\(name)_seg_out").scalars, absolute: 0)
    }
    try expectEqual(image, labels, [16, 20, 18], [0.3, -0.2, 0.45], 1.2, "sp")
    try expectEqual(image.slice(12), labels.slice(12), [20, 18], [0.7], 0.8, "sp2d")
  }

  @Test func drawsRotationAndScaleIndependently() {
    let transform = SpatialTransform.nnUNetV2(patchSize: [40, 56, 40], usesDummy2D: false)
    var generator = StreamRandom(seed: 3)
    let count = 20_000
    let draws = (0..<count).map { _ in transform.draw(using: &generator) }
    let rotated = draws.compactMap(\.angles)
    let scales = draws.compactMap(\.scale)
    expectFrequency(rotated.count, of: count, probability: 0.2)
    expectFrequency(scales.count, of: count, probability: 0.2)
    expectFrequency(draws.count { $0.isCrop }, of: count, probability: 0.64)
    for axis in 0..<3 {
      expectUniform(rotated.map { $0[axis] }, in: -Double.pi / 6...(Double.pi / 6))
    }
    expectFrequency(scales.count { $0 < 1 }, of: scales.count, probability: 0.5)
    expectUniform(scales.filter { $0 < 1 }, in: 0.7...1)
    expectUniform(scales.filter { $0 >= 1 }, in: 1...1.4)
  }
}
