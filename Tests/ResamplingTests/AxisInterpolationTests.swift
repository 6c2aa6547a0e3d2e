import Arrays
import TestSupport
import Testing

@testable import Resampling

@Suite struct AxisInterpolationTests {
  @Test(arguments: [3, 4, 10, 13], [0, 1, 3])
  func equalsMapCoordinates(_ length: Int, _ order: Int) throws {
    let fixture = try ResamplingFixture.load()
    let result = interpolateFirstAxis(
      of: try fixture.array("volume"), to: length, order: try InterpolationOrder(order))
    let expected = try fixture.array("axis_\(length)_\(order)")
    #expect(result.shape == expected.shape)
    expectClose(result.scalars, expected.scalars, absolute: 2e-5)
  }

  @Test func labelsNeedMoreThanHalf() {
    let labels = DenseArray<Int16>(shape: [4, 1], scalars: [1, 2, 3, 3])
    // Halving puts every sample midway between two voxels.
    #expect(interpolateFirstAxis(ofLabels: labels, to: 2, order: .linear).scalars == [0, 3])
    #expect(interpolateFirstAxis(ofLabels: labels, to: 2, order: .nearest).scalars == [2, 3])
  }
}
