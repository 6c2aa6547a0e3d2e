import HostSystem

/// The position of each field of a NIfTI header.
///
/// It lists only the fields that matter here. Sources: nifti1.h and nifti2.h of the NIfTI Data
/// Format Working Group (https://nifti.nimh.nih.gov).
struct NIfTILayout {
  /// How a number is stored.
  enum Number { case uint8, int16, int32, int64, float32, float64 }

  /// One number, or several in a row.
  struct Field {
    var name: String
    var offset: Int
    var number: Number

    init(_ name: String, _ offset: Int, _ number: Number) {
      self.name = name
      self.offset = offset
      self.number = number
    }
  }

  var version: Int
  /// The header's size in bytes, which is also the value of its first field.
  var size: Int
  var magicOffset: Int
  /// The magic of a single file, header and voxels together.
  var magic: [UInt8]
  /// The magic of a header whose voxels are in another file.
  var pairMagic: [UInt8]
  var dim: Field
  var datatype: Field
  var bitpix: Field
  var pixdim: Field
  var voxOffset: Field
  var slope: Field
  var intercept: Field
  var units: Field
  var qformCode: Field
  var sformCode: Field
  var quaternion: Field
  var qoffset: Field
  var srow: Field

  static let version1 = NIfTILayout(
    version: 1, size: 348, magicOffset: 344,
    magic: Array("n+1\0".utf8), pairMagic: Array("ni1\0".utf8),
    dim: Field("dim", 40, .int16),  // short[8]
    datatype: Field("datatype", 70, .int16),
    bitpix: Field("bitpix", 72, .int16),
    pixdim: Field("pixdim", 76, .float32),  // float[8]
    voxOffset: Field("vox_offset", 108, .float32),
    slope: Field("scl_slope", 112, .float32),
    intercept: Field("scl_inter", 116, .float32),
    units: Field("xyzt_units", 123, .uint8),
    qformCode: Field("qform_code", 252, .int16),
    sformCode: Field("sform_code", 254, .int16),
    quaternion: Field("quatern_b", 256, .float32),  // b, c, d
    qoffset: Field("qoffset_x", 268, .float32),  // x, y, z
    srow: Field("srow_x", 280, .float32))  // float[3][4]

  static let version2 = NIfTILayout(
    version: 2, size: 540, magicOffset: 4,
    magic: Array("n+2\0\r\n\u{1A}\n".utf8), pairMagic: Array("ni2\0\r\n\u{1A}\n".utf8),
    dim: Field("dim", 16, .int64),  // int64[8]
    datatype: Field("datatype", 12, .int16),
    bitpix: Field("bitpix", 14, .int16),
    pixdim: Field("pixdim", 104, .float64),  // double[8]
    voxOffset: Field("vox_offset", 168, .int64),
    slope: Field("scl_slope", 176, .float64),
    intercept: Field("scl_inter", 184, .float64),
    units: Field("xyzt_units", 500, .int32),
    qformCode: Field("qform_code", 344, .int32),
    sformCode: Field("sform_code", 348, .int32),
    quaternion: Field("quatern_b", 352, .float64),  // b, c, d
    qoffset: Field("qoffset_x", 376, .float64),  // x, y, z
    srow: Field("srow_x", 400, .float64))  // double[3][4]
}

/// Reads the numbers of a header, whichever byte order it has.
struct NIfTIFieldReader {
  var bytes: [UInt8]
  var isByteSwapped: Bool

  /// An integer field's element; fields stored as floating point are truncated, nil if not finite.
  func integer(_ field: NIfTILayout.Field, _ index: Int = 0) -> Int? {
    switch field.number {
    case .uint8: Int(load(field, index, as: UInt8.self))
    case .int16: Int(load(field, index, as: Int16.self))
    case .int32: Int(load(field, index, as: Int32.self))
    case .int64: Int(load(field, index, as: Int64.self))
    case .float32, .float64: Int(exactly: real(field, index).rounded(.towardZero))
    }
  }

  /// A number of any field in double precision.
  func real(_ field: NIfTILayout.Field, _ index: Int = 0) -> Double {
    switch field.number {
    case .float32: Double(Float(bitPattern: load(field, index, as: UInt32.self)))
    case .float64: Double(bitPattern: load(field, index, as: UInt64.self))
    default: Double(integer(field, index) ?? 0)
    }
  }

  /// A number that becomes zero if it is not finite.
  func finite(_ field: NIfTILayout.Field, _ index: Int = 0) -> Double {
    let value = real(field, index)
    return value.isFinite ? value : 0
  }

  private func load<Value: FixedWidthInteger & BitwiseCopyable>(
    _ field: NIfTILayout.Field, _ index: Int, as _: Value.Type
  ) -> Value {
    let offset = field.offset + index * MemoryLayout<Value>.size
    let value = bytes.withUnsafeBytes {
      $0.loadUnaligned(fromByteOffset: offset, as: Value.self)
    }
    return isByteSwapped ? value.byteSwapped : Value(littleEndian: value)
  }
}
