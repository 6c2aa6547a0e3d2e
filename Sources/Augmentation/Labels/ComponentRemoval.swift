import Arrays
import HostSystem

/// Removes one connected component from each mask of a previous segmentation.
///
/// A cascade's second configuration must find what the first one missed. The masks are the last
/// channels of the sample. Voxels are connected across faces, edges and corners.
/// Source: nnU-Net, `RemoveRandomConnectedComponentFromOneHotEncodingTransform`.
package struct ComponentRemoval: RandomTransform, Hashable {
  /// The number of masks.
  package var masks: Int
  /// The probability that a sample is changed.
  package var probability = 0.2
  /// The largest part of the patch that a removed component may fill.
  package var largestCoverage = 0.15

  package init(masks: Int, probability: Double = 0.2, largestCoverage: Double = 0.15) {
    self.masks = masks
    self.probability = probability
    self.largestCoverage = largestCoverage
  }

  /// A number per mask, from 0 up to 1, that selects one of the components.
  package struct Parameters: Hashable, Sendable {
    package var selections: [Double]

    package init(selections: [Double]) { self.selections = selections }
  }

  package func sample(
    channels: Int, using generator: inout some RandomNumberGenerator
  ) -> Parameters? {
    guard generator.bernoulli(probability) else { return nil }
    return Parameters(selections: (0..<masks).map { _ in generator.unitUniform() })
  }

  package func apply(_ parameters: Parameters, to sample: inout AugmentationSample) {
    precondition(sample.spatialShape.count == 3, "cascades work on volumes")
    let limit = Double(sample.voxels) * largestCoverage
    for (index, selection) in parameters.selections.enumerated() {
      let channel = sample.channels - masks + index
      let candidates = sample.mask(channel).components().filter { Double($0.count) < limit }
      guard !candidates.isEmpty else { continue }
      let chosen = candidates[Int(trusted: selection * Double(candidates.count))]
      sample.withChannel(channel) { voxels in
        for voxel in chosen { voxels[voxel] = 0 }
      }
    }
  }
}

extension BinaryMask {
  /// The voxels of each connected component, by the position of its first voxel.
  func components() -> [[Int]] {
    var unseen = voxels
    var components: [[Int]] = []
    for start in unseen.indices where unseen[start] != 0 {
      unseen[start] = 0
      var component = [start]
      var next = 0
      while next < component.count {
        appendNeighbors(of: component[next], to: &component, from: &unseen)
        next += 1
      }
      components.append(component)
    }
    return components
  }

  private func appendNeighbors(
    of voxel: Int, to component: inout [Int], from unseen: inout [UInt8]
  ) {
    let (height, width) = (size[1], size[2])
    let (z, y, x) = (voxel / (height * width), voxel / width % height, voxel % width)
    for nearZ in max(z - 1, 0)...min(z + 1, size[0] - 1) {
      for nearY in max(y - 1, 0)...min(y + 1, height - 1) {
        for nearX in max(x - 1, 0)...min(x + 1, width - 1) {
          let neighbor = (nearZ * height + nearY) * width + nearX
          guard unseen[neighbor] != 0 else { continue }
          unseen[neighbor] = 0
          component.append(neighbor)
        }
      }
    }
  }
}
