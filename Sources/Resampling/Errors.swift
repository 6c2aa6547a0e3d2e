public import HostSystem

/// Why something cannot be resampled.
public enum ResamplingError: ExplainedError, Equatable {
  /// An axis would have no voxel left.
  case vanishingAxis(shape: [Int], spacing: [Double], targetSpacing: [Double])
  /// A spacing is zero, negative or no number.
  case invalidSpacing([Double])

  public var message: String {
    switch self {
    case .vanishingAxis(let shape, let spacing, let targetSpacing):
      "An image of \(shape) voxels of \(spacing) mm has no voxel left along one axis when it is"
        + " resampled to \(targetSpacing) mm."
    case .invalidSpacing(let spacing):
      "The voxel spacing \(spacing) mm is not positive along every axis."
    }
  }

  public var hint: String? {
    switch self {
    case .vanishingAxis:
      "Check the spacing in the image's header; a field of view smaller than half a voxel of the"
        + " target spacing cannot be used."
    case .invalidSpacing: "Correct the spacing in the image's header."
    }
  }
}
