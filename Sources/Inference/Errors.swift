import Foundation
package import HostSystem

/// Predictions that cannot be made.
package enum InferenceError: ExplainedError, Equatable {
  case stepSizeOutOfRange(Double)
  /// An image would need more tiles than can be processed.
  case tooManyTiles(Double, stepSize: Double, image: [Int], patch: [Int])
  /// A network's output contains NaN or infinity.
  case notANumber
  /// No file has the name of an image; the names in `near` are similar.
  case noImages(folder: String, near: [String])
  /// No file is named like an image of the model's format.
  case noFiles(folder: String, ending: String)
  /// The images of a folder are of another format than the model's.
  case otherEnding(folder: String, found: String, expected: String)
  /// Probabilities were requested from a model of v2, which averages logits.
  case keepsNoProbabilities(model: String)
  case casesFailed([CaseFailure], of: Int)
  /// A segmentation of the cascade's first network does not fit the image.
  case previousShapeDiffers(file: String, shape: [Int], image: [Int])
  /// The plans request an unknown export.
  case unsupportedExport(plans: String, order: Int)
  case memoryExceeded(needed: Int, limit: Int)

  package var message: String {
    switch self {
    case .stepSizeOutOfRange(let step):
      "The step size \(step) is not within (0, 1]."
    case .tooManyTiles(let count, let step, let image, let patch):
      "An image of \(sizeText(image)) voxels would need about"
        + " \(String(format: "%.2g", count)) tiles of \(sizeText(patch)) voxels with the step size \(step)."
    case .notANumber:
      "The network's output contains NaN or infinity."
    case .noImages(let folder, let near):
      "\(folder) contains no images (files named CASE_0000.nii.gz)."
        + (near.isEmpty
          ? ""
          : " These names are similar: \(near.prefix(3).map { "\"\($0)\"" }.joined(separator: ", "))"
            + (near.count > 3 ? ", …." : "."))
    case .noFiles(let folder, let ending):
      "\(folder) contains no images (files named CASE_0000\(ending))."
    case .otherEnding(let folder, let found, let expected):
      "The images in \(folder) are \(found) files, but the model was trained with \(expected) files."
    case .previousShapeDiffers(let file, let shape, let image):
      "\(file) has \(sizeText(shape)) voxels, the image \(sizeText(image))."
    case .unsupportedExport(let plans, let order):
      "\(plans) asks to export with interpolation order \(order), but only 0 and 1 are supported."
    case .memoryExceeded(let needed, let limit):
      "The case needs about \(gigabytes(needed)) GB of memory, but only \(gigabytes(limit)) GB are allowed."
    case .keepsNoProbabilities(let model):
      "Probabilities of \(model) cannot be kept (--save_npz, --npz): it predicts as nnU-Net v2 does."
    case .casesFailed(let problems, let total):
      "\(problems.count) of \(countText(total, "case")) \(problems.count == 1 ? "was" : "were") not"
        + " predicted:\n"
        + problems.map { "  \($0.identifier): \($0.reason)" }.joined(separator: "\n")
    }
  }

  /// Each failed case was already reported with its reason.
  package var conclusion: String {
    guard case .casesFailed(let problems, let total) = self else { return message }
    return problems.count == 1
      ? "1 of \(countText(total, "case")) was not predicted; the warning above says why."
      : "\(problems.count) of \(total) cases were not predicted; the warnings above say why."
  }

  package var hint: String? {
    switch self {
    case .stepSizeOutOfRange:
      "It is the distance between neighbouring tiles as a fraction of the patch; the default is 0.5."
    case .tooManyTiles:
      "Give a larger --step_size; an image may have at most \(SlidingWindow.largestTileCount) tiles."
    case .notANumber:
      "Check the image for NaN or infinite voxels, and the training log for a loss of NaN."
    case .noImages(_, let near) where !near.isEmpty:
      "Rename them: names must end with .nii.gz in lower case, without spaces."
    case .noImages:
      "Name each image by its case and channel: CASE_0000.nii.gz, CASE_0001.nii.gz, …"
    case .noFiles(_, let ending):
      "Name each image by its case and channel: CASE_0000\(ending), …"
    case .otherEnding(_, _, let expected):
      "Convert them to \(expected); other formats may hold other values, spacings or channels."
    case .keepsNoProbabilities:
      "Omit the option; logits are averaged before labels are chosen."
    case .casesFailed: nil
    case .previousShapeDiffers:
      "-l needs the 3d_lowres model's segmentations of the same images, with the same voxels."
    case .unsupportedExport: "Set interpolation_order to 1 in the model's plans."
    case .memoryExceeded:
      "Allow more with --max-memory, or use a model of lower resolution (-m 3d_lowres or 2d)."
    }
  }
}

private func gigabytes(_ bytes: Int) -> String {
  let tenths = (Double(bytes) / 1e8).rounded(.up)
  return "\(tenths / 10)"
}
