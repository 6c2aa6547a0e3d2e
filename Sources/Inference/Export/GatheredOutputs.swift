package import Arrays
import HostSystem

/// All outputs of a prepared case, gathered from slabs.
package struct GatheredOutputs: Sendable {
  /// `(output, z, y, x)`; zeros where there was no slab yet.
  package private(set) var values: DenseArray<Float>
  private var finishedPlanes = 0

  /// - Parameters:
  ///   - outputs: The number of outputs per voxel.
  ///   - size: The prepared size, z, y, x.
  package init(outputs: Int, size: [Int]) {
    values = DenseArray(shape: [outputs] + size, filledWith: 0)
  }

  /// Takes the next slab, `(output, z, y, x)`.
  package mutating func append(_ slab: DenseArray<Float>) {
    let area = values.shape[2] * values.shape[3]
    let count = slab.shape[1] * area
    for output in 0..<values.shape[0] {
      let target = (output * values.shape[1] + finishedPlanes) * area
      values.scalars.replaceSubrange(
        target..<target + count, with: slab.scalars[output * count..<(output + 1) * count])
    }
    finishedPlanes += slab.shape[1]
  }
}
