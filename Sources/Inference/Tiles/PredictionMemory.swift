import Arrays
import HostSystem
import Imaging
import Plans
import Preprocessing

/// The memory that the prediction of a case needs, estimated before its network runs.
///
/// It includes what grows with the case: the image (and the next one, which is prepared in the
/// meantime), the window of sums, a slab of probabilities, the segmentation; and for the network
/// the tile's features at full resolution, of which about eight sets are alive at once, its logits
/// and the mean of its probabilities, as many times as there are batches in progress.
struct PredictionMemory: Hashable, Sendable {
  /// The memory of the program itself, including libtorch.
  static let program = 400 << 20
  /// The features of a tile that are alive at once, in units of the network's first stage.
  static let liveFeatures = 8

  var channels: Int
  var outputs: Int
  /// The prepared size, z, y, x.
  var size: [Int]
  var originalVoxels: Int
  var baseFeatures: Int
  var batchesUnderWay = 1

  /// The memory of the case itself and the next one, bytes.
  private var images: Int { 2 * channels * (size.trustedProduct + originalVoxels) * 4 }

  /// The estimate in bytes for a way of predicting.
  func bytes(_ predictor: VolumePredictor) throws -> Int {
    let area = size[1] * size[2]
    let depth = try TileLayout(predictor, imageSize: size).windowDepth
    var sums = outputs * depth * area * 4
    if predictor.scratchFolder != nil { sums = min(sums, predictor.memoryForSums) }
    let weights = depth * area * 4
    let slab = max(32 << 20, outputs * area * 4) + outputs * area * 4
    let labels = 4 * originalVoxels
    let tile = predictor.patchSize.trustedProduct * predictor.tilesPerBatch * 4
    let network = batchesUnderWay * tile * (Self.liveFeatures * baseFeatures + 2 * outputs)
    return Self.program + images + sums + weights + slab + labels + network
  }

  /// The predictor with as many tiles at once as `limit` bytes allow.
  ///
  /// - Throws: ``InferenceError/memoryExceeded(needed:limit:)`` if even one is too many.
  func fitting(_ predictor: VolumePredictor, within limit: Int?) throws -> VolumePredictor {
    guard let limit else { return predictor }
    // Before the tiles are computed: a case that is far too large has millions of them.
    guard Self.program + images <= limit else {
      throw InferenceError.memoryExceeded(needed: Self.program + images, limit: limit)
    }
    var predictor = predictor
    while true {
      let needed = try bytes(predictor)
      if needed <= limit { return predictor }
      guard predictor.tilesPerBatch > 1 else {
        throw InferenceError.memoryExceeded(needed: needed, limit: limit)
      }
      predictor.tilesPerBatch /= 2
    }
  }
}

extension PredictionMemory {
  /// Estimates from an image's header, as if nothing were cropped; nil if it cannot be read.
  init?(
    header imageCase: ImageCase, preprocessor: Preprocessor, is2D: Bool, outputs: Int,
    baseFeatures: Int, batchesUnderWay: Int = 1
  ) {
    // A file that cannot be read is reported when the case is prepared.
    guard let file = imageCase.imageFiles.first, let header = try? VolumeFile.readHeader(at: file)
    else { return nil }
    let (shape, spacing) = (header.volumeShape, header.geometry.arraySpacing)
    let size = (0..<3).map { axis in
      let source = preprocessor.transposition[axis]
      // Slices of 2D networks are not resampled across.
      guard axis > 0 || !is2D else { return shape[source] }
      let extent = Double(shape[source]) * spacing[source] / preprocessor.targetSpacing[axis]
      return max(1, Int(nearest: extent, within: 1...1_000_000) ?? 1)
    }
    // Cases that fit on no machine are refused when they are prepared.
    guard let voxels = checkedProduct(size), voxels <= ArrayLimits.voxels,
      let original = checkedProduct(shape), original <= ArrayLimits.voxels
    else { return nil }
    self.init(
      channels: imageCase.imageFiles.count * header.channels, outputs: outputs, size: size,
      originalVoxels: original, baseFeatures: baseFeatures,
      batchesUnderWay: batchesUnderWay)
  }
}
