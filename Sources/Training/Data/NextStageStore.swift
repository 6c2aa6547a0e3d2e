package import Arrays
package import Foundation
import HostSystem

/// The first network's segmentations of the cases that a cascade's second network is trained on.
///
/// `pred_next_stage/CASE_segFromPrevStage.npy` in the first network's model folder: labels
/// `(z, y, x)` in the shape of the case as it is prepared for the second.
package struct NextStageStore: Hashable, Sendable {
  package var folder: URL

  /// The store of a model of `3d_lowres`.
  package init(model: URL) { folder = model.appending(path: "pred_next_stage") }

  /// The file of a case.
  package func file(_ identifier: String) -> URL {
    folder.appending(path: "\(identifier)_segFromPrevStage.npy")
  }

  /// Writes the labels of a case.
  package func write(_ labels: DenseArray<UInt8>, _ identifier: String) throws {
    try makeFolder(at: folder)
    try NPYFile.write(labels, to: file(identifier))
  }

  /// Opens a case without reading its voxels.
  ///
  /// - Throws: ``TrainingError/previousOfOtherShape(path:found:expected:)``.
  package func open(
    _ identifier: String, expecting shape: [Int]
  ) throws -> MappedNPY<UInt8> {
    let mapped = try MappedNPY<UInt8>(at: file(identifier))
    guard mapped.shape == shape else {
      throw TrainingError.previousOfOtherShape(
        path: file(identifier).path, found: mapped.shape, expected: shape)
    }
    return mapped
  }

  /// Checks that all cases exist.
  ///
  /// - Throws: ``TrainingError/previousMissing(folder:identifiers:)``.
  func requireAll(_ identifiers: [String]) throws {
    let missing = identifiers.filter { !fileExists(file($0)) }
    guard missing.isEmpty else {
      throw TrainingError.previousMissing(folder: folder.path, identifiers: missing)
    }
  }
}

extension DenseArray where Scalar == Float {
  /// The image with one more channel for each label: 1 where `segmentation` has it, otherwise 0.
  func appendingMasks(of segmentation: DenseArray<UInt8>, labels: Range<Int>) -> DenseArray {
    precondition(segmentation.shape == Array(shape.dropFirst()))
    let voxels = segmentation.count
    return DenseArray(shape: [shape[0] + labels.count] + segmentation.shape) { target in
      _ = target.initialize(fromContentsOf: scalars)
      for (index, label) in labels.enumerated() {
        let start = count + index * voxels
        for voxel in 0..<voxels {
          target[start + voxel] = Int(segmentation.scalars[voxel]) == label ? 1 : 0
        }
      }
    }
  }
}
