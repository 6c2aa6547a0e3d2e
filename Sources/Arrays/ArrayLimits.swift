/// The limits of arrays.
package enum ArrayLimits {
  /// The largest number of voxels that an image may have; one channel of them takes 4 TB.
  ///
  /// Headers may state more by mistake, such as with a spacing in nanometres; numbers up to this
  /// can be multiplied by channels and bytes without a check.
  package static let voxels = 1_000_000_000_000
}
