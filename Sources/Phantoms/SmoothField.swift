import Arrays
import HostSystem

/// Four smooth random functions of space at once.
///
/// Random numbers on a coarse lattice, interpolated with quadratic B-splines: continuous with its
/// first derivative, with a standard deviation of about 1, and constant outside the lattice.
struct SmoothField: Sendable {
  private let origin: SIMD3<Float>
  private let scale: SIMD3<Float>
  private let rowLength: Int
  private let planeSize: Int
  /// The position of the last node but two, in steps.
  private let upper: SIMD3<Float>
  private let nodes: [SIMD4<Float>]

  /// Draws the values of the lattice's nodes.
  ///
  /// - Parameters:
  ///   - extent: The lattice spans `-extent...extent`.
  ///   - wavelength: The distance between the lattice's nodes.
  ///   - random: The source of randomness.
  init(extent: SIMD3<Float>, wavelength: Float, using random: inout StreamRandom) {
    let steps = (2 * extent / wavelength).rounded(.up)
    upper = steps
    rowLength = Int(trusted: steps.x) + 3
    planeSize = rowLength * (Int(trusted: steps.y) + 3)
    scale = SIMD3(repeating: 1 / wavelength)
    origin = -steps * wavelength / 2
    let count = planeSize * (Int(trusted: steps.z) + 3)
    var numbers = [Float](repeating: 0, count: count * 4)
    // A quadratic spline of independent numbers has 0.55 of their variance along each axis.
    numbers.withUnsafeMutableBufferPointer {
      random.fillWithGaussians($0, standardDeviation: 2.45)
    }
    nodes = (0..<count).map { index in
      let part = numbers[index * 4..<index * 4 + 4]
      return SIMD4(part)
    }
  }

  /// The four functions at `point`.
  func callAsFunction(_ point: SIMD3<Float>) -> SIMD4<Float> {
    let position = ((point - origin) * scale).clamped(lowerBound: .zero, upperBound: upper) + 1
    let nearest = position.rounded(.toNearestOrEven)
    let t = position - nearest  // in -0.5...0.5
    let weights = (
      0.5 * (0.5 - t) * (0.5 - t), 0.75 - t * t, 0.5 * (0.5 + t) * (0.5 + t)
    )
    let start =
      (Int(trusted: nearest.z) - 1) * planeSize + (Int(trusted: nearest.y) - 1) * rowLength
      + Int(trusted: nearest.x) - 1
    return nodes.withUnsafeBufferPointer { nodes in
      var sum = SIMD4<Float>.zero
      for plane in 0..<3 {
        var planeSum = SIMD4<Float>.zero
        for row in 0..<3 {
          let node = nodes.baseAddress! + start + plane * planeSize + row * rowLength
          let rowSum = node[0] * weights.0.x + node[1] * weights.1.x + node[2] * weights.2.x
          planeSum += rowSum * (row == 0 ? weights.0.y : row == 1 ? weights.1.y : weights.2.y)
        }
        sum += planeSum * (plane == 0 ? weights.0.z : plane == 1 ? weights.1.z : weights.2.z)
      }
      return sum
    }
  }
}
