/// The voxels of one label, counted by whether reference and prediction have it.
package struct ConfusionCounts: Hashable, Sendable {
  /// Voxels that have the label in both.
  package var truePositives: Int
  /// Voxels that have it only in the prediction.
  package var falsePositives: Int
  /// Voxels that have it only in the reference.
  package var falseNegatives: Int
  /// Voxels that have it in neither.
  package var trueNegatives: Int

  package init(
    truePositives: Int, falsePositives: Int, falseNegatives: Int, trueNegatives: Int
  ) {
    self.truePositives = truePositives
    self.falsePositives = falsePositives
    self.falseNegatives = falseNegatives
    self.trueNegatives = trueNegatives
  }

  /// The metric's value, NaN if it is not defined; counts know nothing about surfaces.
  ///
  /// Complements are computed as `1 - x`, as nnU-Net does, so that the last bit agrees, too.
  package subscript(_ metric: Metric) -> Double {
    let (tp, fp) = (truePositives, falsePositives)
    let (fn, tn) = (falseNegatives, trueNegatives)
    return switch metric {
    case .accuracy: quotient(tp + tn, tp + fp + fn + tn)
    case .dice: quotient(2 * tp, 2 * tp + fp + fn)
    case .jaccard: quotient(tp, tp + fp + fn)
    case .precision: quotient(tp, tp + fp)
    case .falseDiscoveryRate: 1 - quotient(tp, tp + fp)
    case .recall: quotient(tp, tp + fn)
    case .falseNegativeRate: 1 - quotient(tp, tp + fn)
    case .trueNegativeRate: quotient(tn, tn + fp)
    case .falsePositiveRate: 1 - quotient(tn, tn + fp)
    case .falseOmissionRate: quotient(fn, fn + tn)
    case .negativePredictiveValue: 1 - quotient(fn, fn + tn)
    case .totalPositivesTest: Double(tp + fp)
    case .totalNegativesTest: Double(tn + fn)
    case .totalPositivesReference: Double(tp + fn)
    case .totalNegativesReference: Double(tn + fp)
    case .averageSurfaceDistance, .averageSymmetricSurfaceDistance, .hausdorffDistance,
      .hausdorffDistance95, .normalizedSurfaceDice:
      .nan
    }
  }

  private func quotient(_ numerator: Int, _ denominator: Int) -> Double {
    denominator == 0 ? .nan : Double(numerator) / Double(denominator)
  }
}
