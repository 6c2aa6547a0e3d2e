package import Arrays
import HostSystem
package import Plans

/// A stored case whose voxels are read from the disk on access.
package struct MappedCase: Sendable {
  /// The name of the case.
  package let identifier: String
  package let properties: CaseProperties
  /// `(channel + 1, z, y, x)`; the last channel contains the labels.
  package let array: StoredArray

  /// The number of image channels.
  package var channelCount: Int { array.shape[0] - 1 }
  /// The spatial shape, z, y, x.
  package var shape: [Int] { Array(array.shape.dropFirst()) }

  /// The image channels, copied into memory: `(channel, z, y, x)`.
  package func loadedData() throws -> DenseArray<Float> {
    let count = channelCount * shape.trustedProduct
    return try DenseArray(shape: [channelCount] + shape) { target in
      try array.withScalars { source in
        _ = target.initialize(fromContentsOf: source[..<count])
      }
    }
  }

  /// The labels, copied into memory: `(z, y, x)`.
  package func loadedLabels() throws -> DenseArray<Int16> {
    let count = shape.trustedProduct
    return try DenseArray(shape: shape) { target in
      try array.withScalars { source in
        let labels = source.baseAddress! + channelCount * count
        for index in 0..<count {
          guard let label = Int16(exactly: labels[index]) else {
            throw PreprocessingError.badPreparedLabel(
              identifier: identifier, value: Double(labels[index]))
          }
          target[index] = label
        }
      }
    }
  }
}
