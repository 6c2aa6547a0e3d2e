public import HostSystem

/// Predictions that cannot be made.
public enum InferenceError: ExplainedError, Equatable {
  case stepSizeOutOfRange(Double)
  /// A network gave NaN or infinity.
  case notANumber
  case noImages(folder: String)
  case casesFailed([CaseProblem], of: Int)

  public var message: String {
    switch self {
    case .stepSizeOutOfRange(let step):
      "The step size \(step) is not within (0, 1]."
    case .notANumber:
      "The network's output is not a number somewhere."
    case .noImages(let folder):
      "\(folder) holds no images (files named CASE_0000.nii.gz)."
    case .casesFailed(let problems, let total):
      "\(problems.count) of \(total) cases were not predicted:\n"
        + problems.map { "  \($0.identifier): \($0.reason)" }.joined(separator: "\n")
    }
  }

  public var hint: String? {
    switch self {
    case .stepSizeOutOfRange:
      "It is the distance of neighbouring tiles as a fraction of the patch; the default is 0.5."
    case .notANumber:
      "Check the image for NaN or infinite voxels and the training log for a loss that is NaN."
    case .noImages:
      "Name each image by its case and channel: CASE_0000.nii.gz, CASE_0001.nii.gz, …"
    case .casesFailed: nil
    }
  }
}
