public import Torch

/// What a loss must know about a batch that several processes share.
///
/// Each process sees a part of the samples. Averaged over the processes, losses and gradients are
/// those of the whole batch: means over samples are weighted by the part's size, and sums over the
/// batch run over all processes.
public struct SharedBatch: Sendable {
  /// The weight of a mean over this process's samples; see `BatchShare/weight`.
  public var weight = 1.0
  /// The number of samples of all processes; nil if this one has them all.
  public var size: Int?
  /// The processes; nil if there is only this one.
  public var group: ProcessGroup?

  /// A batch that is not shared.
  public init() {}

  init(_ share: BatchShare, group: ProcessGroup?) {
    self.group = group
    guard group != nil else { return }
    weight = share.weight
    size = share.batchSize
  }

  /// Sums over samples, continued over the processes.
  public func total(_ sums: Tensor) throws(TorchError) -> Tensor {
    try group?.differentiableSum(sums) ?? sums
  }
}
