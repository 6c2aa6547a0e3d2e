internal import CTorch
import HostSystem

/// Other views of the same elements, and copies in other forms.
extension Tensor {
  /// The same elements in another type or on another device; itself if nothing changes.
  public func converted(
    to scalarType: ScalarType, on device: Device? = nil
  ) throws(TorchError) -> Tensor {
    let device = device ?? self.device
    return try makeTensor("convert") { engine, out, message in
      engine.pointee.tensor.convert(pointer, scalarType.code, device.code, out, message)
    }
  }

  /// The same elements on another device; itself if they exist.
  public func moved(to device: Device) throws(TorchError) -> Tensor {
    try converted(to: scalarType, on: device)
  }

  /// The memory layout of an image batch.
  public enum MemoryFormat: Sendable {
    /// C order.
    case contiguous
    /// The channel varies fastest; shape and indices do not change.
    case channelsLast
  }

  /// The elements in a given order in memory; itself if they already are.
  public func contiguous(_ format: MemoryFormat = .contiguous) throws(TorchError) -> Tensor {
    let code = format == .contiguous ? CT_CONTIGUOUS : CT_CHANNELS_LAST
    return try makeTensor("contiguous") { engine, out, message in
      engine.pointee.tensor.contiguous(pointer, code, out, message)
    }
  }

  /// A copy that shares no memory.
  public func clone() throws(TorchError) -> Tensor {
    try makeTensor("clone") { engine, out, message in
      engine.pointee.tensor.clone(pointer, out, message)
    }
  }

  /// Overwrites the elements with those of `source`, converting type and device; not recorded.
  public func assign(_ source: Tensor) throws(TorchError) {
    try check("assign") { loadedEngine.pointee.tensor.assign(pointer, source.pointer, $0) }
  }

  /// The same elements under another shape; one extent may be -1.
  public func reshaped(to shape: [Int]) throws(TorchError) -> Tensor {
    try makeTensor("reshape") { engine, out, message in
      withInts(shape) { engine.pointee.tensor.reshape(pointer, $0, out, message) }
    }
  }

  /// The axes in another order.
  public func permuted(_ axes: [Int]) throws(TorchError) -> Tensor {
    try makeTensor("permute") { engine, out, message in
      withInts(axes) { engine.pointee.tensor.permute(pointer, $0, out, message) }
    }
  }

  /// The part `range` of one axis.
  public func narrowed(axis: Int, to range: Range<Int>) throws(TorchError) -> Tensor {
    try makeTensor("narrow") { engine, out, message in
      engine.pointee.tensor.narrow(
        pointer, Int64(axis), Int64(range.lowerBound), Int64(range.count), out, message)
    }
  }

  /// Mirrors the given axes; a copy.
  public func flipped(_ axes: [Int]) throws(TorchError) -> Tensor {
    guard !axes.isEmpty else { return self }
    return try makeTensor("flip") { engine, out, message in
      withInts(axes) { engine.pointee.tensor.flip(pointer, $0, out, message) }
    }
  }

  /// Joins tensors along an existing axis.
  public static func concatenate(
    _ tensors: [Tensor], axis: Int
  ) throws(TorchError) -> Tensor {
    try makeTensor("concatenate") { engine, out, message in
      withPointers(tensors) {
        engine.pointee.tensor.concatenate($0, Int32(tensors.count), Int64(axis), out, message)
      }
    }
  }
}

/// Calls `body` with the handles of several tensors, which exist until it returns.
func withPointers<Result>(
  _ tensors: [Tensor], _ body: (UnsafePointer<OpaquePointer>) -> Result
) -> Result {
  withExtendedLifetime(tensors) {
    tensors.map(\.pointer).withUnsafeBufferPointer { buffer in
      // An empty list still needs an address; nothing is read from it.
      body(buffer.baseAddress ?? UnsafePointer(bitPattern: 8)!)  // lint: 8 is not 0
    }
  }
}
