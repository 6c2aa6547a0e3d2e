/// A number that compares a segmentation with its reference, by the name it has in summary.json.
///
/// With TP, FP, FN and TN the voxels of one label as ``ConfusionCounts`` counts them. A quotient
/// whose denominator is empty is NaN: "not defined" must stay distinguishable from "bad".
package enum Metric: String, Hashable, Sendable, CaseIterable, Comparable {
  /// (TP + TN) / all.
  case accuracy = "Accuracy"
  /// 2 TP / (2 TP + FP + FN); NaN if both segmentations are empty.
  case dice = "Dice"
  /// FP / (TP + FP); NaN if the prediction is empty.
  case falseDiscoveryRate = "False Discovery Rate"
  /// FN / (TP + FN); NaN if the reference is empty.
  case falseNegativeRate = "False Negative Rate"
  /// FN / (TN + FN); NaN if the prediction is full.
  case falseOmissionRate = "False Omission Rate"
  /// FP / (TN + FP); NaN if the reference is full.
  case falsePositiveRate = "False Positive Rate"
  /// The mean distance of the prediction's surface to the reference's, mm; see ``SurfaceDistances``.
  case averageSurfaceDistance = "Avg. Surface Distance"
  /// The mean of the average surface distances of both directions, mm.
  case averageSymmetricSurfaceDistance = "Avg. Symmetric Surface Distance"
  /// The largest distance of either surface to the other, mm.
  case hausdorffDistance = "Hausdorff Distance"
  /// The 95th percentile of the distances of both surfaces together, mm.
  case hausdorffDistance95 = "Hausdorff Distance 95"
  /// The share of both surfaces that is near the other surface; NaN if both are empty.
  case normalizedSurfaceDice = "Normalized Surface Dice"
  /// TP / (TP + FP + FN); NaN if both segmentations are empty.
  case jaccard = "Jaccard"
  /// TN / (TN + FN); NaN if the prediction is full.
  case negativePredictiveValue = "Negative Predictive Value"
  /// TP / (TP + FP); NaN if the prediction is empty.
  case precision = "Precision"
  /// TP / (TP + FN); NaN if the reference is empty.
  case recall = "Recall"
  /// TN + FN, voxels.
  case totalNegativesTest = "Total Negatives Test"
  /// TP + FN, voxels.
  case totalPositivesReference = "Total Positives Reference"
  /// TP + FP, voxels.
  case totalPositivesTest = "Total Positives Test"
  /// TN / (TN + FP); NaN if the reference is full.
  case trueNegativeRate = "True Negative Rate"
  /// TN + FP, voxels; nnU-Net spells it with a small t.
  case totalNegativesReference = "total Negatives Reference"

  /// The thirteen metrics that nnU-Net writes to summary.json.
  package static let standard: [Metric] = allCases.filter {
    !$0.isDistance && $0 != .totalNegativesTest && $0 != .totalNegativesReference
  }

  /// The metrics of surfaces, which are computed when a tolerance is given.
  package static let distances: [Metric] = allCases.filter(\.isDistance)

  /// Whether the metric compares surfaces (``SurfaceDistances``) and not numbers of voxels.
  package var isDistance: Bool {
    switch self {
    case .averageSurfaceDistance, .averageSymmetricSurfaceDistance, .hausdorffDistance,
      .hausdorffDistance95, .normalizedSurfaceDice:
      true
    default: false
    }
  }

  /// Whether the metric is a number of voxels, a whole number for a single case.
  package var isVoxelCount: Bool {
    switch self {
    case .totalNegativesTest, .totalPositivesReference, .totalPositivesTest,
      .totalNegativesReference:
      true
    default: false
    }
  }

  package static func < (left: Metric, right: Metric) -> Bool { left.rawValue < right.rawValue }
}
