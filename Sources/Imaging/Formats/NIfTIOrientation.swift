/// The two transforms of a NIfTI header, and the choice between them that ITK makes.
///
/// ITK's reader (itkNiftiImageIO.cxx, versions 5.3 and 5.4) uses the sform if it is orthogonal and
/// either labelled as scanner coordinates (code 1), the only transform, or nearly equal to the
/// qform; otherwise the qform. Spacing is always that of `pixdim`. The numbers are computed in
/// single precision where ITK does, so that geometry compares equal between the two programs.
struct NIfTIOrientation {
  var qformCode: Int
  var sformCode: Int
  /// `pixdim[1...3]`, signs included.
  var spacing: [Double]
  /// Millimetres per unit of length of the header.
  var unit: Double
  /// 3×4, row-major, from voxel indices to RAS coordinates.
  var qform: [Float]
  var sform: [Float]

  init(_ reader: NIfTIFieldReader, _ layout: NIfTILayout) {
    qformCode = max(reader.integer(layout.qformCode) ?? 0, 0)
    sformCode = max(reader.integer(layout.sformCode) ?? 0, 0)
    spacing = (1...3).map { axis in
      let value = reader.finite(layout.pixdim, axis)
      return value == 0 ? 1 : value
    }
    switch (reader.integer(layout.units) ?? 0) & 7 {
    case 1: unit = 1000
    case 3: unit = 0.001
    default: unit = 1
    }
    let parameters = (0..<3).map { reader.finite(layout.quaternion, $0) }
    let offset = (0..<3).map { reader.finite(layout.qoffset, $0) }
    let flip: Double = reader.real(layout.pixdim) < 0 ? -1 : 1
    qform = Self.matrix(quaternion: parameters, offset: offset, spacing: spacing, flip: flip)
    sform = (0..<12).map { Float(reader.finite(layout.srow, $0)) }
  }

  /// The geometry of the image in ITK's terms: LPS coordinates, positive spacing.
  ///
  /// - Parameters:
  ///   - spatialRank: The number of axes that the file declares, at most 3; a 2D image gets a
  ///     spacing of 1 along the third axis unless `pixdim` gives one.
  ///   - path: The file's name for error messages.
  /// - Returns: The geometry in mm, (x, y, z).
  /// - Throws: ``ImagingError/notOrthogonal(path:)`` if neither transform is a rotation with a
  ///   scale, or a number of it is not finite.
  func geometry(spatialRank: Int, path: String) throws(ImagingError) -> Geometry {
    var geometry = Geometry(spacing: spacing.map { abs($0) * unit })
    if qformCode > 0 || sformCode > 0 {
      guard let matrix = chosenTransform else { throw .notOrthogonal(path: path) }
      for row in 0..<3 {
        let sign: Double = row < 2 ? -1 : 1
        geometry.origin[row] = sign * Double(matrix[row * 4 + 3]) * unit
      }
      for column in 0..<3 {
        let axis = (0..<3).map { ($0 < 2 ? -1 : 1) * Double(matrix[$0 * 4 + column]) }
        let length = axis.reduce(0) { $0 + $1 * $1 }.squareRoot()
        for row in 0..<3 { geometry.direction[row * 3 + column] = axis[row] / length }
      }
    }
    // ITK reverses an axis with negative spacing.
    for column in 0..<spatialRank where spacing[column] < 0 {
      for row in 0..<3 { geometry.direction[row * 3 + column] *= -1 }
    }
    guard geometry.origin.allSatisfy(\.isFinite), geometry.direction.allSatisfy(\.isFinite) else {
      throw .notOrthogonal(path: path)
    }
    return geometry
  }

  private var chosenTransform: [Float]? {
    if sformCode > 0, Self.isOrthogonal(sform) {
      let isPreferred =
        qformCode == 0 || sformCode == 1 || Self.areClose(sform, qform, tolerance: 1e-4)
      if isPreferred { return sform }
    }
    return qformCode > 0 ? qform : nil
  }

  private static func areClose(_ first: [Float], _ second: [Float], tolerance: Float) -> Bool {
    zip(first, second).allSatisfy { abs($0 - $1) <= tolerance }
  }

  /// Whether the columns, scaled to unit length, are perpendicular within ITK's 1e-4.
  private static func isOrthogonal(_ matrix: [Float]) -> Bool {
    var rotation = (0..<9).map { matrix[$0 / 3 * 4 + $0 % 3] }
    for column in 0..<3 {
      let length = (0..<3).reduce(Float(0)) {
        $0 + rotation[$1 * 3 + column] * rotation[$1 * 3 + column]
      }.squareRoot()
      guard length > 0, length.isFinite else { return false }
      for row in 0..<3 { rotation[row * 3 + column] /= length }
    }
    for first in 0..<3 {
      for second in 0..<3 {
        let product = (0..<3).reduce(Float(0)) {
          $0 + rotation[first * 3 + $1] * rotation[second * 3 + $1]
        }
        guard abs(product - (first == second ? 1 : 0)) <= 1e-4 else { return false }
      }
    }
    return true
  }

  /// The transform of a unit quaternion without its first part, as nifti1.h defines it.
  private static func matrix(
    quaternion: [Double], offset: [Double], spacing: [Double], flip: Double
  ) -> [Float] {
    var (b, c, d) = (quaternion[0], quaternion[1], quaternion[2])
    var a = 1 - (b * b + c * c + d * d)
    if a < 1e-7 {
      // A rotation by 180°, or a quaternion that is too long because of rounding.
      let scale = 1 / (b * b + c * c + d * d).squareRoot()
      (a, b, c, d) = (0, b * scale, c * scale, d * scale)
    } else {
      a = a.squareRoot()
    }
    let x = spacing[0] > 0 ? spacing[0] : 1
    let y = spacing[1] > 0 ? spacing[1] : 1
    let z = (spacing[2] > 0 ? spacing[2] : 1) * flip
    return [
      (a * a + b * b - c * c - d * d) * x, 2 * (b * c - a * d) * y, 2 * (b * d + a * c) * z,
      offset[0],
      2 * (b * c + a * d) * x, (a * a + c * c - b * b - d * d) * y, 2 * (c * d - a * b) * z,
      offset[1],
      2 * (b * d - a * c) * x, 2 * (c * d + a * b) * y, (a * a + d * d - c * c - b * b) * z,
      offset[2],
    ].map { Float($0) }
  }
}
