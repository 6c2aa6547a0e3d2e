package import Arrays
package import Foundation
package import HostSystem

/// Predicts a whole image with networks that see one tile at a time.
///
/// 3D networks slide over the volume, 2D networks over each slice along the first axis. Where tiles
/// overlap, their probabilities are averaged with `gaussianImportance(patchSize:)` as weights;
/// several networks (the folds of a cross-validation) are averaged with equal weights.
package struct VolumePredictor: Hashable, Sendable {
  /// The networks' patch size, voxels: three axes, or two (y, x) for 2D networks.
  package var patchSize: [Int]
  /// The largest distance between neighbouring tiles as a fraction of the patch, in (0, 1].
  package var stepSize: Double
  /// Whether a tile's centre counts more than its border; a single tile is never weighted.
  package var usesGaussian: Bool
  /// How a tile's weights are rounded.
  package var tileWeights = InferenceConvention.TileWeights.singlePrecision
  /// The largest number of tiles in one batch.
  package var tilesPerBatch: Int
  /// The folder for sums that take more than ``memoryForSums``; nil to keep all in memory.
  package var scratchFolder: URL?
  /// The bytes that the sums of all labels may take before they are kept in a file.
  package var memoryForSums = 256 << 20

  /// - Parameters:
  ///   - patchSize: The tile's size in voxels, slowest axis first.
  ///   - stepSize: The distance between tiles as a fraction of the patch, above 0 and at most 1.
  ///   - usesGaussian: Whether a tile's middle has more weight than its border.
  ///   - tilesPerBatch: By default, tiles of about 2¹⁷ voxels in total, but at least one:
  ///     small tiles alone leave most of a processor idle, large batches only cost memory.
  package init(
    patchSize: [Int], stepSize: Double = 0.5, usesGaussian: Bool = true, tilesPerBatch: Int? = nil
  ) {
    precondition(patchSize.count == 2 || patchSize.count == 3)
    self.patchSize = patchSize
    self.stepSize = stepSize
    self.usesGaussian = usesGaussian
    self.tilesPerBatch = max(1, tilesPerBatch ?? (1 << 17) / patchSize.trustedProduct)
  }

  /// The number of times that the networks process tiles of an image, once for each mirrored copy.
  ///
  /// - Parameters:
  ///   - imageSize: The prepared size, z, y, x.
  ///   - predictors: The networks.
  /// - Returns: Nil if tiles cannot cover it.
  package func passes(
    forImageSize imageSize: [Int], using predictors: [any TilePredictor]
  ) -> Int? {
    guard
      let window = try? SlidingWindow(
        imageSize: imageSize.suffix(patchSize.count), patchSize: patchSize, stepSize: stepSize)
    else { return nil }
    return checkedProduct(
      window.steps.map(\.count)
        + [patchSize.count == 2 ? imageSize[0] : 1, predictors.reduce(0) { $0 + $1.passesPerTile }])
  }

  /// The probabilities of every label at every voxel.
  ///
  /// Takes memory for the result in addition to that of ``predict(_:using:reporter:into:)``.
  ///
  /// - Returns: `(label, z, y, x)`; sums to 1 over the labels up to rounding.
  package func probabilities(
    of image: DenseArray<Float>, using predictors: [any TilePredictor],
    reporter: any Reporter = SilentReporter()
  ) throws -> DenseArray<Float> {
    var result = GatheredOutputs(
      outputs: predictors[0].labelCount, size: Array(image.shape.dropFirst()))
    try predict(image, using: predictors, reporter: reporter) { result.append($0) }
    return result.values
  }

  /// Predicts an image and passes on its probabilities slab by slab.
  ///
  /// A plane is finished when the tiles have moved past it. Besides the image, this takes memory
  /// for the planes that one row of tiles covers (`windowDepth(imageSize:)`), not for the whole
  /// result.
  ///
  /// - Parameters:
  ///   - image: The prepared image, `(channel, z, y, x)`.
  ///   - predictors: The networks to average, at least one, all with the same labels.
  ///   - reporter: Receives the number of tiles that networks have processed, once for each
  ///     mirrored copy.
  ///   - consume: Receives `(label, z, y, x)`, consecutive slabs of planes beginning with the first.
  /// - Throws: ``InferenceError/notANumber`` if a network's output is not finite, and what the
  ///   predictors and `consume` throw.
  package func predict(
    _ image: DenseArray<Float>, using predictors: [any TilePredictor],
    reporter: any Reporter = SilentReporter(),
    into consume: (DenseArray<Float>) throws -> Void
  ) throws {
    precondition(image.rank == 4 && !predictors.isEmpty)
    let labelCount = predictors[0].labelCount
    precondition(predictors.allSatisfy { $0.labelCount == labelCount })
    let layout = try TileLayout(self, imageSize: Array(image.shape.dropFirst()))
    let weights =
      usesGaussian && layout.overlaps
      ? gaussianImportance(patchSize: layout.patch, as: tileWeights)
      : DenseArray(shape: layout.patch, filledWith: 1)
    var accumulator = try TileAccumulator(
      labelCount: labelCount, imageSize: layout.imageSize, capacity: layout.windowDepth,
      weights: weights, sharesWeightsOfSlices: patchSize.count == 2, scratchFolder: scratchFolder,
      memoryForSums: memoryForSums)
    let passes = layout.tileCount * predictors.reduce(0) { $0 + $1.passesPerTile }
    let counter = StepCounter("predicting", total: passes, reporter: reporter)
    counter.step(by: 0)
    var work = BatchesUnderWay(
      image: image, layout: layout, patchSize: patchSize, predictors, counter: counter)
    for (index, batch) in layout.batches.enumerated() {
      for _ in predictors {
        let output = try work.next()
        precondition(output.shape == [batch.count, labelCount] + patchSize)
        try accumulator.add(output, at: batch)
      }
      accumulator.addWeights(at: batch)
      let finished = layout.finishedPlanes(afterBatch: index)
      while accumulator.firstPlane < finished {
        let end = min(finished, accumulator.firstPlane + layout.slabDepth(outputs: labelCount))
        try consume(accumulator.takePlanes(before: end, networkCount: predictors.count))
      }
    }
  }
}

/// The batches of an image, each predicted by every network in turn; some are started in advance.
private struct BatchesUnderWay {
  private let image: DenseArray<Float>
  private let layout: TileLayout
  private let patchSize: [Int]
  private let predictors: [any TilePredictor]
  private let counter: StepCounter
  /// The largest number of batches that are started and not yet taken.
  private let limit: Int
  private var begun = 0
  private var underWay: [() throws -> DenseArray<Float>] = []
  /// The tiles of the batch that was started last, which all networks share.
  private var tiles: DenseArray<Float>?

  init(
    image: DenseArray<Float>, layout: TileLayout, patchSize: [Int],
    _ predictors: [any TilePredictor], counter: StepCounter
  ) {
    self.counter = counter
    (self.image, self.layout, self.patchSize) = (image, layout, patchSize)
    self.predictors = predictors
    limit = predictors.map(\.batchesUnderWay).max() ?? 1
  }

  /// Waits for the next probabilities.
  mutating func next() throws -> DenseArray<Float> {
    while underWay.count < limit, begun < layout.batches.count * predictors.count { begin() }
    return try underWay.removeFirst()()
  }

  private mutating func begin() {
    let (batch, network) = begun.quotientAndRemainder(dividingBy: predictors.count)
    let origins = layout.batches[batch]
    let tiles =
      (network > 0 ? self.tiles : nil)
      ?? image.tiles(at: origins, size: layout.patch)
      .reshaped(to: [origins.count, image.shape[0]] + patchSize)
    self.tiles = network + 1 < predictors.count ? tiles : nil
    underWay.append(predictors[network].begin(tiles) { [counter] in counter.step(by: $0) })
    begun += 1
  }
}
