/// The caller's choices for a prediction, independent of the model.
package struct PredictionOptions: Hashable, Sendable {
  /// The largest distance between neighbouring tiles as a fraction of the patch, in (0, 1].
  package var stepSize = 0.5
  /// Whether a tile's centre counts more than its border; a single tile is never weighted.
  package var usesGaussian = true
  /// Whether predictions are averaged over mirrored tiles.
  package var mirrors = true
  /// The largest number of tiles in one batch; nil for tiles of about 2¹⁷ voxels in total.
  package var tilesPerBatch: Int?
  /// The threads that prepare a case if it is not yet prepared.
  package var preparationThreads = 1
  /// The threads that resample a case's outputs to its image.
  package var exportThreads = 1
  /// The memory limit in bytes; nil for all available memory.
  package var memoryLimit: Int?
  /// The bytes that the sums of all outputs may take before they are kept in a file next to the
  /// result.
  package var memoryForSums = 256 << 20
  /// Whether probabilities are kept in addition to segmentations, see ``ProbabilitiesFile``; only
  /// in normal mode.
  package var savesProbabilities = false
  /// The accuracy of the export.
  package var mode = SegmentationExport.Mode.normal

  package init() {}
}
