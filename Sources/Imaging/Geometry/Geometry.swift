/// The position of an image in the patient: spacing, origin and direction, as in ITK.
///
/// All three are in the order x, y, z (fastest axis first), while voxel arrays are `(z, y, x)`.
/// Coordinates are LPS: x grows to the patient's left, y to posterior, z to superior.
package struct Geometry: Hashable, Sendable, Codable {
  /// Distance between voxel centres in mm, x, y, z.
  package var spacing: [Double]
  /// Position of the first voxel's centre in mm, x, y, z.
  package var origin: [Double]
  /// The 3×3 direction matrix, row-major; column `i` is the unit vector of voxel axis `i`.
  package var direction: [Double]

  /// Creates a geometry; the defaults are an unrotated image at the origin.
  package init(
    spacing: [Double] = [1, 1, 1], origin: [Double] = [0, 0, 0],
    direction: [Double] = [1, 0, 0, 0, 1, 0, 0, 0, 1]
  ) {
    precondition(spacing.count == 3 && origin.count == 3 && direction.count == 9)
    self.spacing = spacing
    self.origin = origin
    self.direction = direction
  }

  /// The spacing in the array's axis order, z, y, x.
  package var arraySpacing: [Double] { spacing.reversed() }
}
