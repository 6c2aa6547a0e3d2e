/// The position of a patch in a case; parts of it may be outside the image.
package struct PatchLocation: Hashable, Sendable {
  /// The first voxel (z, y, x).
  package var origin: [Int]
  /// The extents (z, y, x); one slice for two-dimensional patches.
  package var size: [Int]
  /// The class of the voxel that the patch was placed around; `nil` for a random place.
  package var foregroundClass: Int?
  /// Whether foreground was wanted but the case has none.
  package var lacksForeground: Bool

  package init(
    origin: [Int], size: [Int], foregroundClass: Int? = nil, lacksForeground: Bool = false
  ) {
    precondition(origin.count == 3 && size.count == 3, "a location has three axes")
    self.origin = origin
    self.size = size
    self.foregroundClass = foregroundClass
    self.lacksForeground = lacksForeground
  }
}
