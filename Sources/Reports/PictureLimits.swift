/// How much of the cases' pictures goes into a report, which decides its size.
package struct PictureLimits: Hashable, Sendable {
  /// The most cases that are shown.
  package var cases = 6
  /// The most slices of a case; of more, evenly distributed ones are taken.
  package var slices = 40
  /// The most pixels along an edge of a slice; larger ones are shown at every n-th voxel.
  package var edge = 200
  /// The channel that is shown.
  package var channel = 0

  package init() {}
}
