import Foundation
import HostSystem

/// Why something cannot be resampled.
package enum ResamplingError: ExplainedError, Equatable {
  /// An axis would have no voxel left.
  case vanishingAxis(shape: [Int], spacing: [Double], targetSpacing: [Double])
  /// A spacing is zero, negative or not a number.
  case invalidSpacing([Double])
  /// The result would have more voxels than fit on any machine.
  case impossibleSize(shape: [Int], spacing: [Double], targetSpacing: [Double])

  package var message: String {
    switch self {
    case .vanishingAxis(let shape, let spacing, let targetSpacing):
      "An image of \(shape) voxels of \(spacing) mm has no voxel left along one axis when it is"
        + " resampled to \(targetSpacing) mm."
    case .invalidSpacing(let spacing):
      "The voxel spacing \(spacing) mm is not positive along every axis."
    case .impossibleSize(let shape, let spacing, let targetSpacing):
      "An image of \(shape) voxels of \(spacing) mm cannot be resampled to \(targetSpacing) mm: it"
        + " would have about \(String(format: "%.2g", voxels(shape, spacing, targetSpacing))) voxels."
    }
  }

  package var hint: String? {
    switch self {
    case .vanishingAxis:
      "Check the spacing in the image's header; a field of view smaller than half a voxel of the"
        + " target spacing cannot be used."
    case .impossibleSize:
      "Check the spacing in the image's header, which is in mm, and the target spacing of the plans."
    case .invalidSpacing: "Correct the spacing in the image's header."
    }
  }
}

private func voxels(_ shape: [Int], _ spacing: [Double], _ target: [Double]) -> Double {
  zip(zip(spacing, target).map(/), shape).reduce(1) { $0 * $1.0 * Double($1.1) }
}
