package import Arrays
package import Foundation
package import HostSystem

/// Probabilities at the network's resolution, kept in a file without a name until they are
/// exported.
///
/// The network gives slab after slab of all labels; a file of probabilities needs label after
/// label. The intermediate data is on the disk next to the output, and only one label at a time is
/// in memory. One thread at a time may use it.
package final class ProbabilitySpill: @unchecked Sendable {
  /// The number of probabilities per voxel.
  package let outputs: Int
  /// The prepared case's size, z, y, x.
  package let size: [Int]
  private let file: ScratchFile
  private var finishedPlanes = 0

  /// Creates the scratch file.
  ///
  /// - Parameters:
  ///   - folder: Has space for `outputs` numbers of four bytes per voxel.
  ///   - outputs: The number of probabilities per voxel.
  ///   - size: The prepared case's size, z, y, x.
  /// - Throws: `FileError.cannotWrite(path:reason:)` if there is too little space.
  package init(in folder: URL, outputs: Int, size: [Int]) throws(FileError) {
    self.outputs = outputs
    self.size = size
    file = try ScratchFile(in: folder, count: outputs * size.trustedProduct)
  }

  /// Takes the next slab, `(label, z, y, x)`.
  package func append(_ slab: DenseArray<Float>) throws {
    let area = size[1] * size[2]
    let count = slab.shape[1] * area
    try slab.scalars.withUnsafeBufferPointer { values in
      for output in 0..<outputs {
        try file.write(
          UnsafeBufferPointer(rebasing: values[output * count..<(output + 1) * count]),
          at: (output * size[0] + finishedPlanes) * area)
      }
    }
    finishedPlanes += slab.shape[1]
  }

  /// The probabilities of one label, `(z, y, x)`.
  func probabilities(of output: Int) throws -> DenseArray<Float> {
    precondition(finishedPlanes == size[0])
    return try DenseArray(shape: size) { values in
      values.initialize(repeating: 0)
      try file.read(values, at: output * values.count)
    }
  }
}
