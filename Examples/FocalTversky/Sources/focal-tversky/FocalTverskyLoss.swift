import NNUNet

/// The focal Tversky loss: misses count more than false alarms, and hard classes more than easy ones.
///
/// The mean over the foreground classes of `(1 - t)^(1/γ)`, where
/// `t = (tp + 1) / (tp + α·fn + β·fp + 1)` over the softmax of the logits.
/// Source: Abraham and Khan, "A novel focal Tversky loss function with improved attention U-Net for
/// lesion segmentation", ISBI 2019, with α = 0.7, β = 0.3, γ = 4/3.
struct FocalTverskyLoss: SegmentationLoss {
  /// The weight of missed foreground.
  var alpha: Double
  /// The weight of false foreground.
  var beta: Double
  var gamma: Double
  /// Whether sums run over the whole batch, or over each sample alone.
  var isOfWholeBatch: Bool
  /// The rest of the batch if several devices train.
  var batch: SharedBatch

  init(_ context: LossContext) {
    (alpha, beta, gamma) = (context["alpha"], context["beta"], context["gamma"])
    (isOfWholeBatch, batch) = (context.sumsOverBatch, context.batch)
  }

  func callAsFunction(logits: Tensor, labels: Tensor) throws(TorchError) -> Tensor {
    let classes = logits.shape[1]
    let probabilities = try softmax(logits, axis: 1)
    let target = try labels.oneHot(classes: classes)
    let overlap = try sum(probabilities * target)
    let missed = try sum(target) - overlap
    let invented = try sum(probabilities) - overlap
    let index = try (overlap + 1) / (overlap + missed * alpha + invented * beta + 1)
    // If nothing is missing, the power has no finite slope.
    let rest = try (-index + (1 + 1e-6)).narrowed(axis: isOfWholeBatch ? 0 : 1, to: 1..<classes)
    return try (rest.logarithm() * (1 / gamma)).exponential().mean()
  }

  private func sum(_ values: Tensor) throws(TorchError) -> Tensor {
    let space = Array(2..<values.rank)
    return isOfWholeBatch
      ? try batch.total(values.sum(axes: [0] + space)) : try values.sum(axes: space)
  }
}
