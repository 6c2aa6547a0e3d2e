internal import CTorch
import HostSystem

/// The mean of the largest cross entropies of all voxels of a batch.
///
/// - Parameters:
///   - logits: `(b, k, spatial…)`.
///   - labels: int64, `(b, spatial…)`.
///   - count: The number of voxels of the batch in the mean.
/// - Returns: A differentiable scalar.
/// - Throws: ``TorchError/outOfMemory(detail:)``, or
///   ``TorchError/invalidArgument(operation:detail:)`` for shapes that do not match and if `count`
///   exceeds the number of voxels.
public func largestCrossEntropies(
  logits: Tensor, labels: Tensor, count: Int
) throws(TorchError) -> Tensor {
  try makeTensor("largestCrossEntropies") { engine, out, message in
    engine.pointee.loss.largestCrossEntropies(
      logits.pointer, labels.pointer, Int64(count), out, message)
  }
}

/// The mean binary cross entropy of logits and targets (0 to 1) of one shape.
public func binaryCrossEntropy(logits: Tensor, targets: Tensor) throws(TorchError) -> Tensor {
  try makeTensor("binaryCrossEntropy") { engine, out, message in
    engine.pointee.loss.binaryCrossEntropy(logits.pointer, targets.pointer, out, message)
  }
}
