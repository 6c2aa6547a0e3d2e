package import Torch

/// The negative mean soft Dice of the foreground classes.
///
/// `-(2·tp + s) / (2·tp + fp + fn + s + 1e-8)` per class, over the softmax of the logits.
/// Source: nnU-Net v1, `training/loss_functions/dice_loss.py`, `SoftDiceLoss`.
package struct SoftDice: SegmentationLoss {
  /// Whether sums run over the whole batch, or over each sample alone.
  package var sumsOverBatch: Bool
  /// Added to numerator and denominator.
  package var smoothing = 1e-5
  /// The rest of the batch, if sums run over all of it.
  package var batch = SharedBatch()
  /// Whether the background counts as a class.
  package var includesBackground = false

  package init(sumsOverBatch: Bool) { self.sumsOverBatch = sumsOverBatch }

  package func callAsFunction(logits: Tensor, labels: Tensor) throws(TorchError) -> Tensor {
    let classes = logits.shape[1]
    let probabilities = try softmax(logits, axis: 1)
    let target = try labels.oneHot(classes: classes)
    let axes = (sumsOverBatch ? [0] : []) + Array(2..<logits.rank)
    // fp + fn + 2·tp is the sum of all probabilities and all targets, which saves two passes.
    var overlap = try (probabilities * target).sum(axes: axes)
    var total = try probabilities.sum(axes: axes) + target.sum(axes: axes)
    if sumsOverBatch { (overlap, total) = (try batch.total(overlap), try batch.total(total)) }
    let dice = try (overlap * 2 + smoothing) / (total + (smoothing + 1e-8))
    guard !includesBackground else { return try -dice.mean() }
    let classAxis = sumsOverBatch ? 0 : 1
    return try -dice.narrowed(axis: classAxis, to: 1..<classes).mean()
  }
}
