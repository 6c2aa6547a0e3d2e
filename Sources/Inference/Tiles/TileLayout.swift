/// The tiles of an image in batches, and which planes are finished after each of them.
struct TileLayout {
  /// The image's size, z, y, x.
  let imageSize: [Int]
  /// The tile's size, z, y, x; one plane for 2D networks.
  let patch: [Int]
  /// The first index of each tile, in the order of the first axis.
  let batches: [[[Int]]]
  /// Whether there is more than one tile per volume, or per slice for 2D networks.
  let overlaps: Bool

  init(_ predictor: VolumePredictor, imageSize: [Int]) throws(InferenceError) {
    let is2D = predictor.patchSize.count == 2
    let window = try SlidingWindow(
      imageSize: imageSize.suffix(predictor.patchSize.count), patchSize: predictor.patchSize,
      stepSize: predictor.stepSize)
    let origins =
      is2D ? (0..<imageSize[0]).flatMap { z in window.origins.map { [z] + $0 } } : window.origins
    let size = predictor.tilesPerBatch
    self.imageSize = imageSize
    patch = is2D ? [1] + predictor.patchSize : predictor.patchSize
    overlaps = window.tileCount > 1
    batches = stride(from: 0, to: origins.count, by: size).map {
      Array(origins[$0..<min($0 + size, origins.count)])
    }
  }

  var tileCount: Int { batches.reduce(0) { $0 + $1.count } }

  /// The number of planes that no later tile touches.
  func finishedPlanes(afterBatch index: Int) -> Int {
    index + 1 < batches.count ? max(batches[index + 1][0][0], 0) : imageSize[0]
  }

  /// The largest number of planes that are unfinished at once.
  var windowDepth: Int {
    batches.indices.reduce(1) { depth, index in
      let first = index == 0 ? 0 : finishedPlanes(afterBatch: index - 1)
      let last = batches[index].reduce(0) { max($0, $1[0] + patch[0]) }
      return max(depth, min(last, imageSize[0]) - first)
    }
  }

  /// The number of planes to pass on together: about 32 MB, at least one plane.
  func slabDepth(outputs: Int) -> Int {
    max(1, (32 << 20) / (outputs * imageSize[1] * imageSize[2] * MemoryLayout<Float>.stride))
  }
}
