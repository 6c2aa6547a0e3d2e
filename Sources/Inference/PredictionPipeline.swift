package import Arrays
package import Evaluation
package import Foundation
package import HostSystem
package import Plans

/// The common way from a prepared case to its results: tiles, networks, sums, outputs.
///
/// `nnUNet_predict`, the validation of a training and the first network of a cascade all use it, so
/// the same case gets the same segmentation from each.
package struct PredictionPipeline: Sendable {
  /// What the model decides.
  package var rules: PredictionRules
  /// What the user decides.
  package var options: PredictionOptions
  /// The networks whose outputs are averaged, at least one.
  package var networks: [any TilePredictor]
  /// The components to remove from each segmentation before it is written.
  package var postprocessing: Postprocessing?

  /// - Parameters:
  ///   - networks: The networks whose outputs are averaged, at least one, made by the rules.
  ///   - rules: What the model decides.
  ///   - options: What the user decides.
  package init(
    _ networks: [any TilePredictor], rules: PredictionRules,
    options: PredictionOptions = PredictionOptions()
  ) {
    precondition(!networks.isEmpty)
    self.networks = networks
    self.rules = rules
    self.options = options
  }

  /// Predicts a case for a folder, as `CASE.nii.gz`, with probabilities if the options ask for them.
  ///
  /// - Parameters:
  ///   - image: The prepared case, `(channel, z, y, x)`, with a cascade's masks.
  ///   - properties: The case's properties from its preparation.
  ///   - identifier: The case's name.
  ///   - folder: The folder for the files, and for temporary data that would take too much memory.
  ///   - reporter: Receives the number of tiles that networks have processed.
  /// - Returns: The work after the networks: resamples the rest and writes the files. Call it once,
  ///   from any thread.
  /// - Throws: ``InferenceError``, and what networks and files throw.
  package func predict(
    _ image: DenseArray<Float>, properties: CaseProperties, identifier: String, into folder: URL,
    reporter: any Reporter = SilentReporter()
  ) throws -> @Sendable () throws -> Void {
    let outputs = try SegmentationFiles(
      identifier: identifier, folder: folder, ending: rules.fileEnding, properties: properties,
      outputs: outputCount, preparedSize: Array(image.shape.dropFirst()),
      export: rules.export(options),
      savesProbabilities: options.savesProbabilities, postprocessing: postprocessing)
    return try predict(
      image, originalVoxels: properties.originalSize.trustedProduct, for: outputs,
      scratchFolder: folder, reporter: reporter)
  }

  /// Predicts a case and passes its outputs to a destination.
  ///
  /// - Parameters:
  ///   - image: The prepared case, `(channel, z, y, x)`.
  ///   - originalVoxels: The number of voxels of the result, for the estimate of memory.
  ///   - destination: Receives the outputs.
  ///   - scratchFolder: The folder for temporary data that would take too much memory.
  ///   - reporter: Receives the number of tiles that networks have processed.
  /// - Returns: The work after the networks; call it once, from any thread.
  /// - Throws: ``InferenceError/memoryExceeded(needed:limit:)`` before anything is computed,
  ///   ``InferenceError`` for impossible tiles and outputs that are not finite, `TorchError`, and
  ///   what `destination` throws.
  package func predict(
    _ image: DenseArray<Float>, originalVoxels: Int,
    for destination: consuming some OutputDestination, scratchFolder: URL,
    reporter: any Reporter = SilentReporter()
  ) throws -> @Sendable () throws -> Void {
    let estimate = PredictionMemory(
      channels: image.shape[0], outputs: outputCount, size: Array(image.shape.dropFirst()),
      originalVoxels: originalVoxels, baseFeatures: rules.baseFeatures,
      batchesUnderWay: batchesUnderWay)
    let predictor = try estimate.fitting(
      rules.volumePredictor(options, scratchFolder: scratchFolder), within: options.memoryLimit)
    try predictor.predict(image, using: networks, reporter: reporter) {
      try destination.append($0)
    }
    let finished = destination
    return { try finished.write() }
  }

  /// The number of times that the networks process tiles of an image, once for each mirrored copy.
  ///
  /// - Parameter size: The prepared size, z, y, x.
  /// - Returns: Nil if tiles cannot cover it.
  package func passes(forImageSize size: [Int]) -> Int? {
    rules.volumePredictor(options).passes(forImageSize: size, using: networks)
  }

  /// The number of outputs of each network.
  package var outputCount: Int { networks[0].labelCount }

  var batchesUnderWay: Int { networks.map(\.batchesUnderWay).max() ?? 1 }
}

/// The destination of a case's outputs: it takes them slab by slab while the networks work, and
/// writes the result later.
package protocol OutputDestination: Sendable {
  /// Takes the next slab, `(output, z, y, x)`, in the order of the prepared case's first axis.
  mutating func append(_ slab: DenseArray<Float>) throws

  /// Writes the result of all slabs; called once, from any thread.
  func write() throws
}
