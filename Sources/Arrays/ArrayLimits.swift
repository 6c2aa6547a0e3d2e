/// What an array may hold.
package enum ArrayLimits {
  /// The most voxels that an image may have or get; one channel of them takes 4 TB.
  ///
  /// Headers promise more by mistake, such as a spacing in nanometres; numbers up to this can be multiplied by
  /// channels and bytes without a check.
  package static let voxels = 1_000_000_000_000
}
