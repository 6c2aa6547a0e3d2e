import Plans

/// How much memory the prediction of a case takes, estimated before its network runs.
///
/// Counts what grows with the case: the image (and the next one, which is prepared meanwhile), the
/// window of probabilities, a slab of them, the segmentation; and for the network the tile's
/// features at full resolution, of which about eight sets are alive at once.
struct MemoryEstimate: Hashable, Sendable {
  /// What the program itself takes, libtorch included.
  static let program = 400 << 20
  /// The features of a tile that are alive at once, in units of the network's first stage.
  static let liveFeatures = 8

  var channels: Int
  var outputs: Int
  /// The prepared size, z, y, x.
  var size: [Int]
  var originalVoxels: Int
  var patchVoxels: Int
  var tilesPerBatch: Int
  var windowDepth: Int
  var baseFeatures: Int

  /// The estimate in bytes.
  var bytes: Int {
    let voxels = size.reduce(1, *)
    let area = size[1] * size[2]
    let images = 2 * channels * (voxels + originalVoxels) * 4
    let window = (outputs + 1) * windowDepth * area * 4
    let slab = max(32 << 20, outputs * area * 4) + outputs * area * 4
    let labels = 4 * originalVoxels
    let tile = patchVoxels * tilesPerBatch * 4
    let network = tile * (Self.liveFeatures * baseFeatures + 3 * outputs)
    return Self.program + images + window + slab + labels + network
  }
}
