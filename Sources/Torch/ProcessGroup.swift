internal import CTorch
import HostSystem

/// Processes that exchange tensors, as seen by one of them: c10d with Gloo or NCCL.
///
/// Every process must make the same calls in the same order; each waits for the others. Threads may
/// hand it to one another, but only one at a time may use it.
public final class ProcessGroup: @unchecked Sendable {
  let pointer: OpaquePointer
  /// The number of this process, counted from 0.
  public let rank: Int
  /// The number of processes.
  public let count: Int

  /// Joins, waiting for the others.
  ///
  /// - Parameters:
  ///   - store: The store through which the processes find each other.
  ///   - rank: The number of this process among the `count` processes, counted from 0.
  ///   - count: The number of processes.
  ///   - device: The device of this process's tensors.
  ///   - timeout: The timeout in seconds for one exchange.
  /// - Throws: ``TorchError`` if the others do not come in time, or NCCL is missing for a GPU.
  public init(
    through store: MeetingStore, rank: Int, count: Int, device: Device, timeout: Double
  ) throws(TorchError) {
    var group: OpaquePointer?
    try check("join") { message in
      loadedEngine.pointee.collective.join(
        store.pointer,
        CTGroupOptions(
          rank: Int32(rank), count: Int32(count), device: device.code, timeout: timeout), &group,
        message)
    }
    guard let group else { throw .failed(operation: "join", detail: "no result") }
    pointer = group
    self.rank = rank
    self.count = count
  }

  deinit { loadedEngine.pointee.collective.leave(pointer) }

  /// The backend: `gloo` or `nccl`.
  package var backend: String {
    String(cString: loadedEngine.pointee.collective.backend(pointer))
  }

  /// Replaces a tensor with its sum over the processes.
  public func sum(_ tensor: Tensor) throws(TorchError) {
    try check("sum") {
      loadedEngine.pointee.collective.sum(pointer, tensor.pointer, $0)
    }
  }

  /// The sum over the processes, within a computation that gives every process the same result.
  ///
  /// Its gradient is correct if the gradients of the processes are averaged afterwards.
  package func differentiableSum(_ tensor: Tensor) throws(TorchError) -> Tensor {
    try makeTensor("differentiableSum") { engine, out, message in
      engine.pointee.collective.differentiableSum(pointer, tensor.pointer, out, message)
    }
  }

  /// Replaces a tensor with that of the first process.
  package func broadcast(_ tensor: Tensor) throws(TorchError) {
    try check("broadcast") {
      loadedEngine.pointee.collective.broadcast(pointer, tensor.pointer, $0)
    }
  }
}

/// Averages gradients over the processes of a group while the backward pass still runs.
///
/// c10d's `Reducer`, as in PyTorch's DistributedDataParallel. Gradients are sent in buckets, in the
/// order in which they are complete.
package final class GradientReducer {
  /// Bytes of a bucket, as in PyTorch.
  package static let bucketBytes = 25 << 20

  private let pointer: OpaquePointer
  private let group: ProcessGroup

  /// Determines the order of the gradients from a loss that has not yet been differentiated.
  ///
  /// - Parameters:
  ///   - parameters: Those that the loss does not depend on get no gradient.
  ///   - loss: The loss of the first batch.
  ///   - group: The processes whose gradients are averaged.
  ///   - bucketBytes: The number of bytes of gradients that are sent together.
  /// - Throws: ``TorchError/outOfMemory(detail:)`` if there is too little memory for the buckets.
  package init(
    _ parameters: [Tensor], of loss: Tensor, in group: ProcessGroup,
    bucketBytes: Int = GradientReducer.bucketBytes
  ) throws(TorchError) {
    var reducer: OpaquePointer?
    try check("makeReducer") { message in
      withPointers(parameters) {
        loadedEngine.pointee.collective.makeReducer(
          group.pointer, $0, Int32(parameters.count), loss.pointer, Int64(bucketBytes), &reducer,
          message)
      }
    }
    guard let reducer else { throw .failed(operation: "makeReducer", detail: "no result") }
    pointer = reducer
    self.group = group
  }

  deinit { loadedEngine.pointee.collective.releaseReducer(pointer) }

  /// Announces the next backward pass, after which the gradients are averages.
  package func expectBackward() throws(TorchError) {
    try check("expectBackward") {
      loadedEngine.pointee.collective.expectBackward(pointer, $0)
    }
  }
}
