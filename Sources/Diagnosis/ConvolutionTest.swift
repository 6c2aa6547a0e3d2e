import Arrays
import HostSystem
import Torch

/// A 3D convolution, with a stride and padding as in the networks, whose result is known.
///
/// The inputs are multiples of 1/16 that all types represent exactly; the expected numbers are
/// summed in double precision by plain loops, and some of them are written down in the tests.
struct ConvolutionTest {
  let inputShape = [1, 16, 6, 8, 10]
  let weightShape = [32, 16, 3, 3, 3]
  let stride = [1, 2, 2]

  /// How much results may differ from the known numbers, relative to the largest of them.
  static func tolerance(of type: ScalarType) -> Double {
    switch type {
    case .float16: 2e-3
    case .bfloat16: 1e-2
    default: 1e-5
    }
  }

  /// -1 to 1 in steps of 1/16, without a pattern that could hide exchanged axes.
  static func value(_ index: Int, _ factor: Int) -> Float {
    Float((index * factor + index / 7 * 5) % 33 - 16) / 16
  }

  var input: DenseArray<Float> { array(inputShape, factor: 11) }

  var weight: DenseArray<Float> { array(weightShape, factor: 7) }

  private func array(_ shape: [Int], factor: Int) -> DenseArray<Float> {
    DenseArray(shape: shape, scalars: (0..<shape.trustedProduct).map { Self.value($0, factor) })
  }

  /// The largest difference from the known numbers, relative to the largest of these.
  func largestError(on device: Device, _ type: ScalarType) throws -> Double {
    let result = try withoutGradients {
      let input = try Tensor(input, on: device).converted(to: type)
      let weight = try Tensor(weight, on: device).converted(to: type)
      return try convolution(
        input, weight: weight, stride: stride, padding: [1, 1, 1]
      ).converted(to: .float32).moved(to: .cpu).array(of: Float.self)
    }
    let expected = expected
    guard result.shape == expected.shape else { return .infinity }
    let largest = expected.scalars.map(abs).max() ?? 1
    var error = 0.0
    for (value, known) in zip(result.scalars, expected.scalars) {
      // A NaN must not count as no difference.
      guard value.isFinite else { return .infinity }
      error = max(error, abs(Double(value) - known) / largest)
    }
    return error
  }

  /// The result by its definition: sums over channels and kernel of the padded input.
  var expected: DenseArray<Double> {
    let (input, weight) = (input, weight)
    let spatial = (0..<3).map { (inputShape[2 + $0] - 1) / stride[$0] + 1 }
    var sums: [Double] = []
    for out in 0..<weightShape[0] {
      for z in 0..<spatial[0] {
        for y in 0..<spatial[1] {
          for x in 0..<spatial[2] {
            sums.append(sum(input, weight, out, at: [z * stride[0], y * stride[1], x * stride[2]]))
          }
        }
      }
    }
    return DenseArray(shape: [1, weightShape[0]] + spatial, scalars: sums)
  }

  private func sum(
    _ input: DenseArray<Float>, _ weight: DenseArray<Float>, _ out: Int, at corner: [Int]
  ) -> Double {
    var sum = 0.0
    for channel in 0..<inputShape[1] {
      for kernel in 0..<27 {
        let z = corner[0] + kernel / 9 - 1
        let y = corner[1] + kernel / 3 % 3 - 1
        let x = corner[2] + kernel % 3 - 1
        guard 0..<inputShape[2] ~= z, 0..<inputShape[3] ~= y, 0..<inputShape[4] ~= x else {
          continue
        }
        let source = ((channel * inputShape[2] + z) * inputShape[3] + y) * inputShape[4] + x
        sum +=
          Double(input.scalars[source])
          * Double(weight.scalars[(out * inputShape[1] + channel) * 27 + kernel])
      }
    }
    return sum
  }
}
