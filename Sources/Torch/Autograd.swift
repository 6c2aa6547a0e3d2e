internal import CTorch

extension Tensor {
  /// Whether gradients are accumulated for this tensor.
  public var requiresGradient: Bool {
    loadedEngine.pointee.autograd.requiresGradient(pointer)
  }

  /// Starts or stops accumulating gradients for a tensor without history.
  public func setRequiresGradient(_ requires: Bool) throws(TorchError) {
    try check("setRequiresGradient") {
      loadedEngine.pointee.autograd.setRequiresGradient(pointer, requires, $0)
    }
  }

  /// The same elements without history.
  public func detached() throws(TorchError) -> Tensor {
    try makeTensor("detach") { engine, out, message in
      engine.pointee.autograd.detach(pointer, out, message)
    }
  }

  /// Accumulates the gradients of this scalar into the tensors that it was computed from.
  public func backward() throws(TorchError) {
    try check("backward") { loadedEngine.pointee.autograd.backward(pointer, $0) }
  }

  /// Accumulates the gradients of tensors that this one was computed from, given its own.
  public func backward(from gradient: Tensor) throws(TorchError) {
    try check("backward") {
      loadedEngine.pointee.autograd.backwardFrom(pointer, gradient.pointer, $0)
    }
  }

  /// The accumulated gradient, or nil if there is none.
  public func gradient() throws(TorchError) -> Tensor? {
    var result: OpaquePointer?
    try check("gradient") { loadedEngine.pointee.autograd.gradient(pointer, &result, $0) }
    return result.map(Tensor.init(owning:))
  }

  /// Forgets the accumulated gradient.
  public func clearGradient() throws(TorchError) {
    try check("clearGradient") { loadedEngine.pointee.autograd.clearGradient(pointer, $0) }
  }
}

/// Runs `body` without recording operations for gradients.
///
/// The mode belongs to the calling thread, which is why `body` is synchronous.
public func withoutGradients<Result>(_ body: () throws -> Result) throws -> Result {
  let table = try engine()
  let before = table.pointee.autograd.setRecording(false)
  defer { _ = table.pointee.autograd.setRecording(before) }
  return try body()
}

/// Runs `body` with convolutions in a shorter floating-point type (automatic mixed precision).
///
/// - Parameters:
///   - scalarType: `.bfloat16` or `.float16`, or `.float32` to run `body` unchanged.
///   - device: The device of the convolutions.
///   - body: The work; it must not wait for other tasks.
/// - Returns: What `body` returns.
/// - Throws: What `body` throws, and ``TorchError`` if the engine cannot be loaded.
public func withAutocast<Result>(
  to scalarType: ScalarType, on device: Device, _ body: () throws -> Result
) throws -> Result {
  guard scalarType != .float32 else { return try body() }
  let table = try engine()
  let before = table.pointee.autograd.setAutocast(device.kind.code, true, scalarType.code)
  defer { _ = table.pointee.autograd.setAutocast(device.kind.code, before, scalarType.code) }
  return try body()
}

/// Runs `body` with convolutions in the type of their operands, also within `withAutocast`.
public func withoutAutocast<Result>(
  on device: Device, _ body: () throws(TorchError) -> Result
) throws(TorchError) -> Result {
  let table = try engine()
  let before = table.pointee.autograd.setAutocast(device.kind.code, false, CT_FLOAT32)
  defer { _ = table.pointee.autograd.setAutocast(device.kind.code, before, CT_FLOAT32) }
  return try body()
}

/// Whether the calling thread is within `withAutocast` for the device.
package func isAutocasting(on device: Device) throws(TorchError) -> Bool {
  let table = try engine()
  let before = table.pointee.autograd.setAutocast(device.kind.code, false, CT_FLOAT32)
  _ = table.pointee.autograd.setAutocast(device.kind.code, before, CT_FLOAT32)
  return before
}
