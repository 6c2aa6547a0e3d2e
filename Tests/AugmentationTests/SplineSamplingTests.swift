import Arrays
import TestSupport
import Testing

@testable import Augmentation

@Suite struct SplineSamplingTests {
  /// Splines reproduce straight lines, so values reveal coordinates.
  @Test(arguments: [0.71, 1.0, 1.39]) func coordinatesAreExactInLargePatches(scale: Double) {
    let (initial, patch) = ([70, 121, 230], [10, 60, 110])
    let angles = [0.5, -0.3, 0.45]
    let weights = [0.03, -0.02, 0.01]
    let transform = SpatialTransform(
      patchSize: patch, initialPatchSize: initial, angles: Array(repeating: -1...1, count: 3))
    let parameters = SpatialTransform.Parameters(angles: angles, scale: scale)
    let window = transform.window(for: parameters)
    func value(_ position: [Double]) -> Double {
      zip(position, weights).map { $0 * $1 }.reduce(0, +)
    }
    var data: [Float] = []
    for z in 0..<window.size[0] {
      for y in 0..<window.size[1] {
        for x in 0..<window.size[2] {
          data.append(Float(value(zip([z, y, x], window.origin).map { Double($0 + $1) })))
        }
      }
    }
    let result = transform.apply(
      parameters,
      to: AugmentationSample(
        data: DenseArray(shape: [1] + window.size, scalars: data),
        labels: DenseArray(shape: [1] + window.size, filledWith: 1)), window: window)
    let map = AffineMap(
      angles: angles, scales: patch.map { _ in scale }, from: initial, to: patch)
    var (compared, worst, wrong, index) = (0, 0.0, 0, 0)
    for z in 0..<patch[0] {
      for y in 0..<patch[1] {
        for x in 0..<patch[2] {
          let position = map.coordinates(z: z, y: y, x: x)
          let voxel = [position.x, position.y, position.z]
          // The mirrored border bends the line.
          let isInner = zip(voxel, initial).allSatisfy { $0 > 12 && $0 < Double($1 - 13) }
          if isInner {
            worst = max(worst, abs(Double(result.data.scalars[index]) - value(voxel)))
            compared += 1
          }
          let isInside = zip(voxel, initial).allSatisfy { $0 >= 0 && $0 <= Double($1 - 1) }
          if result.labels.scalars[index] != (isInside ? 1 : 0) { wrong += 1 }
          if !isInside && result.data.scalars[index] != 0 { wrong += 1 }
          index += 1
        }
      }
    }
    #expect(compared > 20_000)
    #expect(wrong == 0)
    #expect(worst < 2e-5)
  }

  /// Coordinates on the border voxels themselves are inside.
  @Test(arguments: [[9, 8, 7], [1, 5, 6], [3, 2, 1], [17, 40]])
  func turningByNothingChangesNothing(size: [Int]) {
    var generator = StreamRandom(seed: 8)
    let count = size.reduce(1, *)
    let before = AugmentationSample(
      data: DenseArray(
        shape: [1] + size, scalars: (0..<count).map { _ in Float(generator.gaussian()) }),
      labels: DenseArray(
        shape: [1] + size,
        scalars: (0..<count).map { _ in Int16(generator.integer(in: 0..<4)) }))
    let angles = Array(repeating: 0.0, count: size.count == 3 ? 3 : 1)
    let transform = SpatialTransform(
      patchSize: size, initialPatchSize: size, angles: angles.map { $0...$0 })
    var sample = before
    transform.apply(.init(angles: angles), to: &sample)
    expectClose(sample.data.scalars, before.data.scalars, absolute: 3e-6)
    #expect(sample.labels == before.labels)
  }

  @Test func rowsHoldExactlyTheVoxelsThatAreInside() {
    var generator = StreamRandom(seed: 21)
    for _ in 0..<2000 {
      func vector(_ range: ClosedRange<Double>) -> SIMD4<Double> {
        SIMD4(generator.uniform(in: range), generator.uniform(in: range), 0, 0)
      }
      var (start, step) = (vector(-20...30), vector(-2...2))
      if generator.bernoulli(0.3) {
        start = start.rounded(.down)
        step = step.rounded(.down)
      }
      let last = SIMD4<Double>(11, 14, 0, 0)
      let span = RowSpan(start: start, step: step, last: last, count: 17)
      let expected = (0..<17).filter {
        let position = start + step * Double($0)
        return (0...11).contains(position.x) && (0...14).contains(position.y)
      }
      #expect(Array(span.inside) == expected)
    }
  }
}
