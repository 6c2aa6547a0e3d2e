import Arrays
import Foundation
import Imaging
import Plans
import Resampling
import TestSupport
import Testing

@testable import Inference

/// Labels chosen slab by slab, compared with resampling everything before choosing.
@Suite struct LabelPlanesTests {
  @Test(arguments: [nil, 0, 1, 2], [[9, 13, 8], [4, 5, 17], [7, 6, 5]])
  func equalsResamplingEverythingFirst(separateAxis: Int?, output: [Int]) {
    let probabilities = randomProbabilities([5, 7, 6, 9])
    let expected = resampled(probabilities, to: output, separateAxis: separateAxis)
    for depth in [1, 2, 7] {
      let labels = choose(
        probabilities, to: output, separateAxis: separateAxis, depth: depth, scheme: .labels)
      let reference = mostProbableLabels(expected)
      // Where two labels are equal up to single precision, either may be chosen.
      for (index, label) in labels.scalars.enumerated() where label != reference.scalars[index] {
        let voxels = reference.count
        let (a, b) = (Int(label), Int(reference.scalars[index]))
        let gap = expected.scalars[b * voxels + index] - expected.scalars[a * voxels + index]
        #expect(abs(gap) < 1e-6, "depth \(depth), voxel \(index)")
      }
      #expect(Set(labels.scalars).count > 1)
    }
  }

  @Test func laterRegionsPaintOverEarlierOnes() {
    let shape = [3, 2, 1, 3]
    let probabilities = DenseArray<Float>(
      shape: shape,
      scalars: [0.9, 0.9, 0.5, 0.9, 0.1, 0.6, 0.9, 0.2, 0.1, 0.6, 0.7, 0.1, 0, 0, 0.51, 0, 0.9, 0]
    )
    for depth in [1, 2] {
      let labels = choose(
        probabilities, to: [2, 1, 3], separateAxis: nil, depth: depth,
        scheme: .regions(classOrder: [1, 2, 4]))
      #expect(labels.scalars == [2, 1, 4, 2, 4, 1])
    }
  }

  /// The golden probabilities of nnU-Net, resampled plane by plane.
  @Test(
    .enabled(if: sharedURL("golden/numerics") != nil, "\(sharedDataIsAbsent)"),
    arguments: [nil, 0])
  func planesEqualNNUNet(separateAxis: Int?) throws {
    let folder = try #require(sharedURL("golden/numerics"))
    let source = try NPYFile.read(folder.appending(path: "b_softmax.npy"), as: Float.self)
    let name = separateAxis == nil ? "b_softmax_order1_20x60x37" : "b_softmax_order1_sepz0_20x60x37"
    let expected = try NPYFile.read(folder.appending(path: name + ".npy"), as: Float.self)
    let sampling = PlaneSampling(
      from: Array(source.shape[1...]), to: [20, 60, 37], separateAxis: separateAxis)
    let result = planes(of: source, sampling)
    #expect(expected.shape == result.shape)
    expectClose(result.scalars, expected.scalars, absolute: 1e-6)
  }

  private func planes(of source: DenseArray<Float>, _ sampling: PlaneSampling) -> DenseArray<Float>
  {
    let (area, voxels) = (source.shape[2] * source.shape[3], source.shape[1...].reduce(1, *))
    var result: [Float] = []
    var scratch = [Float](repeating: 0, count: sampling.scratchCount)
    source.scalars.withUnsafeBufferPointer { source in
      for label in 0..<source.count / voxels {
        for plane in 0..<sampling.output[0] {
          let volume = source.baseAddress! + label * voxels
          scratch.withUnsafeMutableBufferPointer { scratch in
            sampling.forEachRow(
              of: plane, lower: volume + sampling.firstPlane(of: plane) * area,
              upper: volume + sampling.lastPlane(of: plane) * area, scratch: scratch.baseAddress!
            ) { _, row in
              result += UnsafeBufferPointer(start: row, count: sampling.output[2])
            }
          }
        }
      }
    }
    return DenseArray(shape: [source.shape[0]] + sampling.output, scalars: result)
  }

  private func choose(
    _ probabilities: DenseArray<Float>, to output: [Int], separateAxis: Int?, depth: Int,
    scheme: LabelScheme
  ) -> DenseArray<UInt8> {
    let shape = probabilities.shape
    var planes = LabelPlanes(
      sampling: PlaneSampling(
        from: Array(shape[1...]), to: output, separateAxis: separateAxis),
      scheme: scheme, outputCount: shape[0], threads: 2)
    let area = shape[2] * shape[3]
    for first in stride(from: 0, to: shape[1], by: depth) {
      let count = min(depth, shape[1] - first)
      let scalars = (0..<shape[0]).flatMap { label in
        let start = (label * shape[1] + first) * area
        return probabilities.scalars[start..<start + count * area]
      }
      planes.append(
        DenseArray(shape: [shape[0], count] + shape[2...], scalars: scalars))
    }
    return planes.finish()
  }

  /// All labels resampled as a whole.
  private func resampled(
    _ probabilities: DenseArray<Float>, to output: [Int], separateAxis: Int?
  ) -> DenseArray<Float> {
    var spacing = [1.0, 1, 1]
    if let separateAxis { spacing[separateAxis] = 4 }
    return resampleProbabilities(
      probabilities, to: output, originalSpacing: spacing, currentSpacing: spacing)
  }

  private func randomProbabilities(_ shape: [Int]) -> DenseArray<Float> {
    var random = StreamRandom(seed: 3, stream: 1)
    return DenseArray(
      shape: shape,
      scalars: (0..<shape.reduce(1, *)).map { _ in Float.random(in: 0...1, using: &random) })
  }
}
