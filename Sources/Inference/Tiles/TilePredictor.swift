package import Arrays

/// Computes the probabilities of all labels for tiles of an image.
///
/// The boundary between the bookkeeping of a sliding window, which is plain host code, and the
/// network: the predictor handles everything that happens to a tile (device, precision, mirroring).
package protocol TilePredictor: Sendable {
  /// The number of probabilities per voxel, including the background.
  var labelCount: Int { get }

  /// The number of batches to start before waiting for the first; 1 if nothing runs in the
  /// meantime.
  var batchesUnderWay: Int { get }

  /// The number of times that the network processes a tile, once for each mirrored copy.
  var passesPerTile: Int { get }

  /// Predicts a batch.
  ///
  /// - Parameter tiles: `(tile, channel, z, y, x)`, or `(tile, channel, y, x)` for a 2D network.
  /// - Returns: `(tile, label, …)` with the same spatial axes.
  /// - Throws: What the device cannot do; a network throws `TorchError`.
  func probabilities(ofTiles tiles: DenseArray<Float>) throws -> DenseArray<Float>

  /// Predicts a batch and reports its progress.
  ///
  /// - Parameters:
  ///   - tiles: As ``probabilities(ofTiles:)`` takes them.
  ///   - onPass: Receives the number of passes since its last call, ``passesPerTile`` for
  ///     each tile in total; called by any thread.
  /// - Returns: As ``probabilities(ofTiles:)``.
  /// - Throws: As ``probabilities(ofTiles:)``.
  func probabilities(
    ofTiles tiles: DenseArray<Float>, onPass: @escaping @Sendable (Int) -> Void
  ) throws -> DenseArray<Float>

  /// Begins to predict a batch.
  ///
  /// - Returns: A function that waits for the probabilities; call it once.
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
