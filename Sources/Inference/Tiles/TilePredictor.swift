package import Arrays

/// Computes the probabilities of all labels for tiles of an image.
///
/// The seam between the bookkeeping of a sliding window, which is plain host code, and the network:
/// whatever happens to a tile on the way (device, precision, mirroring) is the predictor's matter.
package protocol TilePredictor: Sendable {
  /// The number of probabilities per voxel, background included.
  var labelCount: Int { get }

  /// How many batches should be begun before the first is waited for; 1 where nothing goes on meanwhile.
  var batchesUnderWay: Int { get }

  /// How often the network looks at a tile, once for each mirrored copy.
  var passesPerTile: Int { get }

  /// Predicts a batch.
  ///
  /// - Parameter tiles: `(tile, channel, z, y, x)`, or `(tile, channel, y, x)` for a 2D network.
  /// - Returns: `(tile, label, …)` with the same spatial axes.
  /// - Throws: What the device cannot do; a network throws `TorchError`.
  func probabilities(ofTiles tiles: DenseArray<Float>) throws -> DenseArray<Float>

  /// Predicts a batch and tells how far it is.
  ///
  /// - Parameters:
  ///   - tiles: As ``probabilities(ofTiles:)`` takes them.
  ///   - onPass: Is told how many passes are done since it was last called, ``passesPerTile`` for
  ///     each tile in total; called by any thread.
  /// - Returns: As ``probabilities(ofTiles:)``.
  /// - Throws: As ``probabilities(ofTiles:)``.
  func probabilities(
    ofTiles tiles: DenseArray<Float>, onPass: @escaping @Sendable (Int) -> Void
  ) throws -> DenseArray<Float>

  /// Begins to predict a batch.
  ///
  /// - Returns: Waits for the probabilities; to be called once.
  func begin(
    _ tiles: DenseArray<Float>, onPass: @escaping @Sendable (Int) -> Void
  ) -> () throws -> DenseArray<Float>
}

extension TilePredictor {
  package var batchesUnderWay: Int { 1 }

  package var passesPerTile: Int { 1 }

  package func probabilities(
    ofTiles tiles: DenseArray<Float>, onPass: @escaping @Sendable (Int) -> Void
  ) throws -> DenseArray<Float> {
    let probabilities = try probabilities(ofTiles: tiles)
    onPass(tiles.shape[0] * passesPerTile)
    return probabilities
  }

  package func begin(
    _ tiles: DenseArray<Float>, onPass: @escaping @Sendable (Int) -> Void
  ) -> () throws -> DenseArray<Float> {
    { try probabilities(ofTiles: tiles, onPass: onPass) }
  }
}
