internal import CTorch

/// The type of a tensor's elements.
public enum ScalarType: String, Sendable, CaseIterable {
  /// Integers, floating-point numbers and booleans, named by their bits.
  case uint8, int16, int32, int64, float16, bfloat16, float32, float64, bool

  /// The size of one element in bytes.
  public var size: Int {
    switch self {
    case .uint8, .bool: 1
    case .int16, .float16, .bfloat16: 2
    case .int32, .float32: 4
    case .int64, .float64: 8
    }
  }

  var code: CTScalarType {
    switch self {
    case .uint8: CT_UINT8
    case .int16: CT_INT16
    case .int32: CT_INT32
    case .int64: CT_INT64
    case .float16: CT_FLOAT16
    case .bfloat16: CT_BFLOAT16
    case .float32: CT_FLOAT32
    case .float64: CT_FLOAT64
    case .bool: CT_BOOL
    }
  }

  init(code: CTScalarType) {
    self =
      switch code {
      case CT_UINT8: .uint8
      case CT_INT16: .int16
      case CT_INT32: .int32
      case CT_INT64: .int64
      case CT_FLOAT16: .float16
      case CT_BFLOAT16: .bfloat16
      case CT_FLOAT32: .float32
      case CT_FLOAT64: .float64
      case CT_BOOL: .bool
      default: preconditionFailure("unknown scalar type \(code.rawValue)")
      }
  }
}

/// A Swift type whose values a tensor can store.
public protocol TensorScalar: BitwiseCopyable, Sendable {
  /// The corresponding type of a tensor's elements.
  static var scalarType: ScalarType { get }
}

extension UInt8: TensorScalar {
  /// libtorch's `kByte`.
  public static var scalarType: ScalarType { .uint8 }
}

extension Int16: TensorScalar {
  /// libtorch's `kShort`.
  public static var scalarType: ScalarType { .int16 }
}

extension Int32: TensorScalar {
  /// libtorch's `kInt`.
  public static var scalarType: ScalarType { .int32 }
}

extension Int64: TensorScalar {
  /// libtorch's `kLong`.
  public static var scalarType: ScalarType { .int64 }
}

extension Float: TensorScalar {
  /// libtorch's `kFloat`.
  public static var scalarType: ScalarType { .float32 }
}

extension Double: TensorScalar {
  /// libtorch's `kDouble`.
  public static var scalarType: ScalarType { .float64 }
}
