public import Arrays
internal import CTorch
import HostSystem

extension Tensor {
  /// Makes a tensor filled with one value.
  public init(
    shape: [Int], filledWith value: Double, scalarType: ScalarType = .float32,
    on device: Device = .cpu
  ) throws(TorchError) {
    self = try makeTensor("fill") { engine, out, message in
      withInts(shape) {
        engine.pointee.tensor.fill($0, value, scalarType.code, device.code, out, message)
      }
    }
  }

  /// Draws normally distributed float32 elements on the CPU from a separate generator.
  public init(
    normalWithShape shape: [Int], mean: Double = 0, standardDeviation: Double, seed: UInt64
  ) throws(TorchError) {
    self = try makeTensor("normal") { engine, out, message in
      withInts(shape) {
        engine.pointee.tensor.normal($0, mean, standardDeviation, seed, out, message)
      }
    }
  }

  /// Copies an array from the host.
  public init<Scalar: TensorScalar>(
    _ array: DenseArray<Scalar>, on device: Device = .cpu
  ) throws(TorchError) {
    self = try makeTensor("copyFromHost") { engine, out, message in
      array.scalars.withUnsafeBytes { bytes in
        withInts(array.shape) {
          engine.pointee.tensor.copyFromHost(
            bytes.baseAddress, $0, Scalar.scalarType.code, device.code, out, message)
        }
      }
    }
  }

  /// Uses host memory as a CPU tensor without copying it.
  ///
  /// The tensor, and everything that shares its elements, keeps `owner` alive.
  ///
  /// - Parameters:
  ///   - bytes: At least as many elements as `shape` has; they must be valid while `owner` exists.
  ///   - shape: Elements along each axis, slowest first.
  ///   - scalarType: The type of an element.
  ///   - owner: Whatever keeps the memory valid.
  /// - Throws: ``TorchError/invalidArgument(operation:detail:)`` for fewer bytes than `shape`
  ///   needs.
  public init(
    borrowing bytes: UnsafeMutableRawBufferPointer, shape: [Int], scalarType: ScalarType,
    owner: AnyObject
  ) throws(TorchError) {
    let needed = shape.trustedProduct * scalarType.size
    guard let address = bytes.baseAddress, bytes.count >= needed else {
      throw .invalidArgument(
        operation: "borrowHost", detail: "\(bytes.count) bytes do not hold shape \(shape)")
    }
    let context = Unmanaged.passRetained(owner)
    do throws(TorchError) {
      self = try makeTensor("borrowHost") { engine, out, message in
        withInts(shape) { extents in
          engine.pointee.tensor.borrowHost(
            address, extents, scalarType.code,
            { context in
              if let context { Unmanaged<AnyObject>.fromOpaque(context).release() }
            }, context.toOpaque(), out, message)
        }
      }
    } catch {
      context.release()
      throw error
    }
  }

  /// Copies the elements to the host, converted to `Scalar`, in C order.
  public func array<Scalar: TensorScalar>(
    of type: Scalar.Type = Scalar.self
  ) throws(TorchError) -> DenseArray<Scalar> {
    let shape = shape
    let count = shape.trustedProduct
    var failure: TorchError?
    let scalars = [Scalar](unsafeUninitializedCapacity: count) { buffer, initialized in
      do throws(TorchError) {
        try check("copyToHost") { message in
          loadedEngine.pointee.tensor.copyToHost(
            pointer, Scalar.scalarType.code, buffer.baseAddress,
            Int64(count * MemoryLayout<Scalar>.stride), message)
        }
        initialized = count
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return DenseArray(shape: shape, scalars: scalars)
  }

  /// Calls `body` with the elements in place if they are in host memory in C order; otherwise
  /// copies them there.
  public func withHostBytes<Result>(
    _ body: (UnsafeRawBufferPointer) throws -> Result
  ) throws -> Result {
    let size = try count * scalarType.size
    if let address = loadedEngine.pointee.tensor.hostAddress(pointer) {
      return try withExtendedLifetime(handle) {
        try body(UnsafeRawBufferPointer(start: address, count: size))
      }
    }
    let copy = try converted(to: scalarType, on: .cpu).contiguous()
    guard let address = loadedEngine.pointee.tensor.hostAddress(copy.pointer) else {
      throw TorchError.failed(operation: "withHostBytes", detail: "the copy is not on the host")
    }
    return try withExtendedLifetime(copy.handle) {
      try body(UnsafeRawBufferPointer(start: address, count: size))
    }
  }

  /// The value of a tensor with one element.
  public func item() throws(TorchError) -> Double {
    var value = 0.0
    try check("item") { loadedEngine.pointee.tensor.item(pointer, &value, $0) }
    return value
  }
}
