/// An ellipsoid whose axes are those of space.
struct Ellipsoid: Sendable {
  var center: SIMD3<Float>
  /// Half of the length of each axis.
  var radii: SIMD3<Float>

  /// The distance from the surface, negative inside; exact on the surface and with the correct
  /// sign.
  func distance(to point: SIMD3<Float>) -> Float {
    let scaled = (point - center) / radii
    let length = (scaled * scaled).sum().squareRoot()
    let steepness = scaled / radii
    let gradient = (steepness * steepness).sum().squareRoot()
    // At the center the gradient vanishes.
    return gradient > 1e-6 ? length * (length - 1) / gradient : -radii.min()
  }
}
