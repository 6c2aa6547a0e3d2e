/// How many pictures of cases a report contains, which determines its size.
package struct PictureLimits: Hashable, Sendable {
  /// The largest number of cases to show.
  package var cases = 6
  /// The largest number of slices per case; if there are more, evenly distributed ones are shown.
  package var slices = 40
  /// The largest number of pixels along an edge of a slice; larger slices show every n-th voxel.
  package var edge = 200
  /// The channel to show.
  package var channel = 0

  package init() {}
}
