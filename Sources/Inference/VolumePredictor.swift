public import Arrays
public import HostSystem

/// Predicts a whole image with networks that see one tile at a time.
///
/// 3D networks slide over the volume, 2D networks over each slice along the first axis. Where tiles
/// overlap, their probabilities are averaged with ``gaussianImportance(patchSize:)`` as weights;
/// several networks (the folds of a cross-validation) are averaged with equal weights.
public struct VolumePredictor: Hashable, Sendable {
  /// The networks' patch size, voxels: three axes, or two (y, x) for 2D networks.
  public var patchSize: [Int]
  /// The largest distance of neighbouring tiles as a fraction of the patch, in (0, 1].
  public var stepSize: Double
  /// Whether a tile's centre counts more than its border; a single tile is never weighted.
  public var usesGaussian: Bool
  /// The largest number of tiles in one batch.
  public var tilesPerBatch: Int

  /// - Parameter tilesPerBatch: By default as many as hold about 2¹⁷ voxels together, but one at
  ///   least: small tiles alone leave most of a processor idle, large batches only cost memory.
  public init(
    patchSize: [Int], stepSize: Double = 0.5, usesGaussian: Bool = true, tilesPerBatch: Int? = nil
  ) {
    precondition(patchSize.count == 2 || patchSize.count == 3)
    self.patchSize = patchSize
    self.stepSize = stepSize
    self.usesGaussian = usesGaussian
    self.tilesPerBatch = max(1, tilesPerBatch ?? (1 << 17) / patchSize.reduce(1, *))
  }

  /// The probabilities of every label at every voxel.
  ///
  /// Takes memory for the result, for one number per voxel (3D) and for one batch of tiles.
  ///
  /// - Parameters:
  ///   - image: The prepared image, `(channel, z, y, x)`.
  ///   - predictors: The networks to average, at least one, all with the same labels.
  ///   - reporter: Hears how many tiles are done.
  /// - Returns: `(label, z, y, x)`; sums to 1 over the labels up to rounding.
  /// - Throws: ``InferenceError/notANumber`` where a network's output is not finite, and what the
  ///   predictors throw.
  public func probabilities(
    of image: DenseArray<Float>, using predictors: [any TilePredictor],
    reporter: any HostSystem.ProgressReporting = SilentReporter()
  ) throws -> DenseArray<Float> {
    precondition(image.rank == 4 && !predictors.isEmpty)
    let labelCount = predictors[0].labelCount
    precondition(predictors.allSatisfy { $0.labelCount == labelCount })

    let spatial = Array(image.shape.dropFirst())
    let window = try SlidingWindow(
      imageSize: spatial.suffix(patchSize.count), patchSize: patchSize, stepSize: stepSize)
    let is2D = patchSize.count == 2
    let origins =
      is2D ? (0..<spatial[0]).flatMap { z in window.origins.map { [z] + $0 } } : window.origins
    let patch = is2D ? [1] + patchSize : patchSize
    let weights =
      usesGaussian && window.tileCount > 1
      ? gaussianImportance(patchSize: patch) : DenseArray(shape: patch, filledWith: 1)
    var accumulator = TileAccumulator(
      labelCount: labelCount, imageSize: spatial, weights: weights, sharesWeightsOfSlices: is2D)
    reporter.advance("predicting tiles", completed: 0, of: origins.count)
    var first = 0
    while first < origins.count {
      let batch = Array(origins[first..<min(first + tilesPerBatch, origins.count)])
      let tiles = image.tiles(at: batch, size: patch)
        .reshaped(to: [batch.count, image.shape[0]] + patchSize)
      for predictor in predictors {
        let output = try predictor.probabilities(ofTiles: tiles)
        precondition(output.shape == [batch.count, labelCount] + patchSize)
        accumulator.add(output, at: batch)
      }
      accumulator.addWeights(at: batch)
      first += batch.count
      reporter.advance("predicting tiles", completed: first, of: origins.count)
    }
    return try accumulator.normalized(by: predictors.count)
  }
}
