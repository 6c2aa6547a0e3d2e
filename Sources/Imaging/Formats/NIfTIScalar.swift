/// The types of voxel that NIfTI files store, by their codes in the header.
package enum NIfTIScalar: Int, Sendable, CaseIterable {
  case uint8 = 2
  case int16 = 4
  case int32 = 8
  case float32 = 16
  case float64 = 64
  case int8 = 256
  case uint16 = 512
  case uint32 = 768
  case int64 = 1024
  case uint64 = 1280

  /// The number of bytes of one voxel.
  package var size: Int {
    switch self {
    case .uint8, .int8: 1
    case .int16, .uint16: 2
    case .int32, .uint32, .float32: 4
    case .int64, .uint64, .float64: 8
    }
  }

  /// The meaning of a type code that is not supported here.
  static func name(ofUnsupported code: Int) -> String {
    switch code {
    case 1: "bits"
    case 32, 1792, 2048: "complex numbers"
    case 128: "RGB colors"
    case 2304: "RGBA colors"
    case 1536: "128-bit floating point"
    default: "unknown"
    }
  }
}
