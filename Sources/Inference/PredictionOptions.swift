/// How whoever asks for a prediction wants it, whatever the model.
package struct PredictionOptions: Hashable, Sendable {
  /// The largest distance between neighbouring tiles as a fraction of the patch, in (0, 1].
  package var stepSize = 0.5
  /// Whether a tile's centre counts more than its border; a single tile is never weighted.
  package var usesGaussian = true
  /// Whether predictions are averaged over mirrored tiles.
  package var mirrors = true
  /// The largest number of tiles in one batch; nil for as many as hold about 2¹⁷ voxels.
  package var tilesPerBatch: Int?
  /// The threads that prepare a case, where it is not prepared yet.
  package var preparationThreads = 1
  /// The threads that resample a case's outputs to its image.
  package var exportThreads = 1
  /// The memory in bytes that may be taken; nil for all there is.
  package var memoryLimit: Int?
  /// The bytes that the sums of all outputs may take before they go into a file beside the result.
  package var memoryForSums = 256 << 20
  /// Whether probabilities are kept beside segmentations, see ``ProbabilitiesFile``; in normal mode alone.
  package var savesProbabilities = false
  /// How much care the export takes.
  package var mode = SegmentationExport.Mode.normal

  package init() {}
}
