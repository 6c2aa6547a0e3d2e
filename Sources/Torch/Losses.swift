internal import CTorch
import HostSystem

/// The mean of the largest cross entropies of voxels: logits `(b, k, spatial…)`, int64 labels.
///
/// - Parameters:
///   - logits: `(b, k, spatial…)`.
///   - labels: int64, `(b, spatial…)`.
///   - count: How many voxels of the batch count.
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
