/// The rotation of a NIfTI qform: the last three parts of a unit quaternion, and whether the third
/// axis is reversed because the axes are left-handed.
///
/// Method: nifti1.h, "quaternion representation of the rotation matrix".
struct RotationQuaternion {
  var b: Float
  var c: Float
  var d: Float
  /// 1, or -1 for left-handed axes; stored as `pixdim[0]`.
  var flip: Float

  /// - Parameter direction: A 3×3 LPS direction matrix, row-major, with perpendicular columns.
  init(direction: [Double]) {
    var matrix = direction
    for index in 0..<6 { matrix[index] *= -1 }  // LPS to RAS: the rows of x and y
    if Self.determinant(matrix) < 0 {
      flip = -1
      for row in 0..<3 { matrix[row * 3 + 2] *= -1 }
    } else {
      flip = 1
    }
    let (r11, r12, r13) = (matrix[0], matrix[1], matrix[2])
    let (r21, r22, r23) = (matrix[3], matrix[4], matrix[5])
    let (r31, r32, r33) = (matrix[6], matrix[7], matrix[8])
    let trace = r11 + r22 + r33 + 1
    var parts: (Double, Double, Double)
    if trace > 0.5 {
      let a = 0.5 * trace.squareRoot()
      parts = (0.25 * (r32 - r23) / a, 0.25 * (r13 - r31) / a, 0.25 * (r21 - r12) / a)
    } else {
      // Divide by the largest part; the quaternion's sign makes the missing first part positive.
      let x = 1 + r11 - (r22 + r33)
      let y = 1 + r22 - (r11 + r33)
      let z = 1 + r33 - (r11 + r22)
      let a: Double
      if x > 1 {
        let b = 0.5 * x.squareRoot()
        parts = (b, 0.25 * (r12 + r21) / b, 0.25 * (r13 + r31) / b)
        a = 0.25 * (r32 - r23) / b
      } else if y > 1 {
        let c = 0.5 * y.squareRoot()
        parts = (0.25 * (r12 + r21) / c, c, 0.25 * (r23 + r32) / c)
        a = 0.25 * (r13 - r31) / c
      } else {
        let d = 0.5 * z.squareRoot()
        parts = (0.25 * (r13 + r31) / d, 0.25 * (r23 + r32) / d, d)
        a = 0.25 * (r21 - r12) / d
      }
      if a < 0 { parts = (-parts.0, -parts.1, -parts.2) }
    }
    (b, c, d) = (Float(parts.0), Float(parts.1), Float(parts.2))
  }

  private static func determinant(_ m: [Double]) -> Double {
    m[0] * (m[4] * m[8] - m[5] * m[7]) - m[1] * (m[3] * m[8] - m[5] * m[6])
      + m[2] * (m[3] * m[7] - m[4] * m[6])
  }
}
