internal import CTorch
import HostSystem

/// A dense array on a device, with optional gradient history: libtorch's tensor.
///
/// Copies share the elements; operations return new tensors. Images are `(batch, channel, y, x)` or
/// `(batch, channel, z, y, x)`. Tensors stay in the thread or task that made them; pass a
/// `DenseArray` to others.
public struct Tensor {
  let handle: Handle

  /// Owns one engine handle and releases it.
  final class Handle {
    let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) { self.pointer = pointer }

    deinit { loadedEngine.pointee.tensor.release(pointer) }
  }

  init(owning pointer: OpaquePointer) { handle = Handle(pointer) }

  var pointer: OpaquePointer { handle.pointer }

  /// The number of tensors that this thread made minus those that it released; tests expect it to
  /// return to its previous value.
  public static var liveCount: Int {
    guard case .success(let table) = EngineLibrary.table else { return 0 }
    return Int(table.pointee.tensor.liveHandles())
  }

  /// The number of axes.
  public var rank: Int { Int(loadedEngine.pointee.tensor.rank(pointer)) }

  /// The extent along each axis.
  public var shape: [Int] {
    var extents = [Int64](repeating: 0, count: rank)
    loadedEngine.pointee.tensor.shape(pointer, &extents)
    return extents.map(Int.init)
  }

  /// The number of elements.
  public var count: Int { shape.trustedProduct }

  /// The device of the elements.
  public var device: Device { Device(code: loadedEngine.pointee.tensor.device(pointer)) }

  /// The type of the elements.
  public var scalarType: ScalarType {
    get throws(TorchError) {
      var code = CT_FLOAT32
      try check("scalarType") { loadedEngine.pointee.tensor.scalarType(pointer, &code, $0) }
      return ScalarType(code: code)
    }
  }
}
