import Arrays
import Foundation
import HostSystem

/// How coordinates are randomly bent before they are rotated and scaled.
///
/// Every axis gets a field of uniform noise in -1...1, smoothed with a Gaussian.
package enum ElasticDeformation: Hashable, Sendable {
  /// The smoothed noise is multiplied by a number; beyond the patch, there is no noise.
  ///
  /// Widths in voxels. Source: batchgenerators, `elastic_deform_coordinates`.
  case scaledNoise(factor: ClosedRange<Double>, sigma: ClosedRange<Double>)
  /// The width is a part of the patch, the largest displacement 1/8 to 1/2 of the width.
  ///
  /// The noise is smoothed periodically. Source: batchgenerators, `augment_spatial_2` and
  /// `elastic_deform_coordinates_2`.
  case partOfPatch(width: ClosedRange<Double>)

  /// The parameters of one sample.
  package struct Parameters: Hashable, Sendable {
    /// The standard deviation of the Gaussian along each axis, in voxels.
    package var sigmas: [Double]
    /// Per axis the factor of the smoothed noise or the largest displacement.
    package var magnitudes: [Double]
    /// Whether noise is smoothed periodically and scaled to the largest displacement.
    package var isPeriodic: Bool
    /// The seed of the noise.
    package var seed: UInt64

    package init(sigmas: [Double], magnitudes: [Double], isPeriodic: Bool, seed: UInt64) {
      self.sigmas = sigmas
      self.magnitudes = magnitudes
      self.isPeriodic = isPeriodic
      self.seed = seed
    }
  }

  /// Draws the parameters for patches of a size.
  func draw(size: [Int], using generator: inout some RandomNumberGenerator) -> Parameters {
    switch self {
    case .scaledNoise(let factor, let sigma):
      let factor = generator.uniform(in: factor)
      let width = generator.uniform(in: sigma)
      return Parameters(
        sigmas: size.map { _ in width }, magnitudes: size.map { _ in factor }, isPeriodic: false,
        seed: generator.next())
    case .partOfPatch(let width):
      let part = generator.uniform(in: width)
      let sigmas = size.map { Double($0) * part }
      return Parameters(
        sigmas: sigmas, magnitudes: sigmas.map { generator.uniform(in: $0 / 8...$0 / 2) },
        isPeriodic: true, seed: generator.next())
    }
  }
}

extension ElasticDeformation.Parameters {
  /// The displacement of every voxel of a patch, in voxels.
  ///
  /// - Parameter size: The extents of the patch, as many as there are widths.
  /// - Returns: One array of the extents `size` for each axis.
  func fields(size: [Int]) -> [DenseArray<Float>] {
    var generator = StreamRandom(seed: seed)
    let noise = size.map { _ in
      DenseArray<Float>(shape: size) { values in
        // A Float holds no more than 24 bits, so one draw is enough for two numbers.
        for index in stride(from: 0, to: values.count, by: 2) {
          let bits = generator.next()
          values[index] = Float(bits >> 40) * 0x1p-23 - 1
          if index + 1 < values.count {
            values[index + 1] = Float((bits >> 8) & 0xFF_FFFF) * 0x1p-23 - 1
          }
        }
      }
    }
    return fields(smoothing: noise)
  }

  /// The displacements for noise in -1...1, one field per axis.
  func fields(smoothing noise: [DenseArray<Float>]) -> [DenseArray<Float>] {
    precondition(noise.count == sigmas.count, "\(noise.count) fields for \(sigmas.count) axes")
    return noise.enumerated().map { axis, values in
      var field = values
      for (along, sigma) in sigmas.enumerated() {
        field.multiply(
          along: along,
          by: isPeriodic
            ? periodicGaussian(count: values.shape[along], sigma: sigma)
            : gaussianMatrix(count: values.shape[along], sigma: sigma))
      }
      var factor = Float(magnitudes[axis])
      if isPeriodic {
        let largest = field.scalars.reduce(0) { max($0, abs($1)) }
        factor = largest > 0 ? Float(magnitudes[axis] + 1e-8) / largest : 0
      }
      return field.map { $0 * factor }
    }
  }
}

/// The matrix of a Gaussian filter cut off at four standard deviations, with zeros outside.
///
/// Source: scipy, `gaussian_filter` with `mode="constant"`.
private func gaussianMatrix(count: Int, sigma: Double) -> [Float] {
  let radius = Int(trusted: 4 * sigma + 0.5)
  let weights = (0...radius).map { exp(-0.5 * Double($0 * $0) / (sigma * sigma)) }
  let sum = 2 * weights.dropFirst().reduce(0, +) + weights[0]
  return (0..<count * count).map { index in
    let distance = abs(index / count - index % count)
    return distance <= radius ? Float(weights[distance] / sum) : 0
  }
}

/// The matrix of a Gaussian filter on a circle, as it is in the Fourier domain.
///
/// Source: scipy, `fourier_gaussian`.
private func periodicGaussian(count: Int, sigma: Double) -> [Float] {
  let turn = 2 * Double.pi / Double(count)
  let kernel = (0..<count).map { distance in
    (0..<count).reduce(0.0) { sum, index in
      let frequency = Double(index <= (count - 1) / 2 ? index : index - count) * turn
      return sum + exp(-0.5 * frequency * frequency * sigma * sigma)
        * cos(turn * Double(index * distance % count))
    } / Double(count)
  }
  return (0..<count * count).map { Float(kernel[abs($0 / count - $0 % count)]) }
}

extension DenseArray<Float> {
  /// Replaces every line along an axis with its product with a symmetric matrix.
  fileprivate mutating func multiply(along axis: Int, by matrix: [Float]) {
    let count = shape[axis]
    let inner = shape[(axis + 1)...].trustedProduct
    let outer = shape[..<axis].trustedProduct
    let source = scalars
    scalars = Array(unsafeUninitializedCapacity: source.count) { target, initialized in
      initialized = source.count
      guard let target = target.baseAddress, !source.isEmpty else { return }
      source.withUnsafeBufferPointer { source in
        matrix.withUnsafeBufferPointer { matrix in
          let (source, matrix) = (source.baseAddress!, matrix.baseAddress!)
          guard inner > 1 else {
            // Lines are rows here; the matrix is its own transpose.
            multiplyMatrices(
              source, matrix, into: target, rows: outer, terms: count, columns: count)
            return
          }
          for slab in 0..<outer {
            multiplyMatrices(
              matrix, source + slab * count * inner, into: target + slab * count * inner,
              rows: count, terms: count, columns: inner)
          }
        }
      }
    }
  }
}
