package import HostSystem

/// Segmentations that cannot be compared.
package enum EvaluationError: ExplainedError, Equatable {
  /// The files of a folder could not be listed, or it has no segmentations.
  case noSegmentations(folder: String)
  case noLabels
  case labelOutOfRange(Int)
  /// Files that only one of the two folders has.
  case unmatchedFiles(
    missingPredictions: [String], predictionFolder: String,
    missingReferences: [String], referenceFolder: String)
  case shapeMismatch(reference: [Int], prediction: [Int])
  /// `distance` is the largest distance of a voxel of one image from the same voxel of the other.
  case geometryMismatch(distance: Double, spacing: [Double])
  case casesFailed([CaseFailure])

  package var message: String {
    switch self {
    case .noSegmentations(let folder):
      "\(folder) contains no segmentations (files named *.nii.gz or *.nii, or as another format has it)."
    case .noLabels: "There are no labels to evaluate."
    case .labelOutOfRange(let label): "Label \(label) is not within 0...255."
    case .unmatchedFiles(let predictions, let predictionFolder, let references, let referenceFolder):
      [
        Self.missing(predictions, in: predictionFolder, as: "predictions"),
        Self.missing(references, in: referenceFolder, as: "references"),
      ].compactMap(\.self).joined(separator: "\n")
    case .shapeMismatch(let reference, let prediction):
      "The reference has \(sizeText(reference)) voxels (z, y, x), "
        + "the prediction \(sizeText(prediction))."
    case .geometryMismatch(let distance, let spacing):
      "Reference and prediction lie \(Self.rounded(distance)) mm apart "
        + "(voxels of \(spacing.map(Self.rounded).joined(separator: " × ")) mm): "
        + "spacing, origin or direction differ."
    case .casesFailed(let failures):
      "\(failures.count) case\(failures.count == 1 ? "" : "s") could not be evaluated:\n"
        + failures.map { "  \($0.identifier): \($0.reason)" }.joined(separator: "\n")
    }
  }

  package var hint: String? {
    switch self {
    case .noSegmentations: "Give the folder that contains the segmentation files."
    case .noLabels: "Name the labels, for example -l 1 2."
    case .labelOutOfRange: "Labels are stored as one byte."
    case .unmatchedFiles: "Both folders must contain the same cases under the same file names."
    case .shapeMismatch, .geometryMismatch:
      "Compare segmentations of the same image, both in its original geometry."
    case .casesFailed: nil
    }
  }

  /// Throws ``casesFailed(_:)`` if a case failed.
  package static func throwIfAny(_ failures: CaseFailures) throws(EvaluationError) {
    let sorted = failures.sorted
    guard sorted.isEmpty else { throw .casesFailed(sorted) }
  }

  private static func missing(_ files: [String], in folder: String, as what: String) -> String? {
    guard !files.isEmpty else { return nil }
    return "\(files.count) \(what) are missing in \(folder): \(listText(files, first: 10))."
  }

  private static func rounded(_ value: Double) -> String {
    String((value * 1000).rounded() / 1000)
  }
}
