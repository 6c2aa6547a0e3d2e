package import Plans

/// How the outputs of networks become a segmentation, as far as the versions of nnU-Net differ.
package struct InferenceConvention: Hashable, Sendable {
  /// The values that are averaged over mirrored copies, tiles and networks, resampled and compared.
  package enum Averaged: String, Hashable, Sendable {
    /// Softmax or sigmoids of the outputs.
    case probabilities
    /// The unchanged outputs.
    case logits
  }

  /// How the weights of a tile's voxels are rounded.
  package enum TileWeights: Hashable, Sendable {
    /// At most 1, in single precision.
    case singlePrecision
    /// At most 10, in half precision, with the smallest nonzero weight instead of zeros.
    case halfPrecision
  }

  /// The spacings that can select an axis to resample separately.
  package enum SpacingSource: String, Hashable, Sendable {
    /// The image of the segmentation.
    case image
    /// The prepared case.
    case network
  }

  package var averaged: Averaged
  package var tileWeights: TileWeights
  /// The spacing that is checked first for a thick axis; the other one decides if it has none.
  package var thickAxisDecider: SpacingSource
  /// The threshold above which a region is written.
  package var regionThreshold: Float

  /// The convention of nnU-Net v1.
  package static let v1 = InferenceConvention(
    averaged: .probabilities, tileWeights: .singlePrecision, thickAxisDecider: .image,
    regionThreshold: 0.5)
  /// The convention of nnU-Net v2.
  package static let v2 = InferenceConvention(
    averaged: .logits, tileWeights: .halfPrecision, thickAxisDecider: .network,
    regionThreshold: 0)

  package init(
    averaged: Averaged, tileWeights: TileWeights, thickAxisDecider: SpacingSource,
    regionThreshold: Float
  ) {
    self.averaged = averaged
    self.tileWeights = tileWeights
    self.thickAxisDecider = thickAxisDecider
    self.regionThreshold = regionThreshold
  }

  /// The convention that follows from plans.
  package init(_ convention: ProcessingConvention) {
    switch convention {
    case .v1: self = .v1
    case .v2: self = .v2
    }
  }

  /// Whether there are probabilities to keep, see ``ProbabilitiesFile``.
  package var makesProbabilities: Bool { averaged == .probabilities }

  /// Both sources of spacings in the order in which they are checked for a thick axis.
  package var spacingSources: [SpacingSource] {
    switch thickAxisDecider {
    case .image: [.image, .network]
    case .network: [.network, .image]
    }
  }
}

extension InferenceConvention.TileWeights {
  /// The largest weight.
  package var largest: Double {
    switch self {
    case .singlePrecision: 1
    case .halfPrecision: 10
    }
  }

  /// The type of the numbers, by NumPy's name.
  package var typeName: String {
    switch self {
    case .singlePrecision: "float32"
    case .halfPrecision: "float16"
    }
  }

  /// The stored weights for weights in double precision with a maximum of 1.
  package func rounded(_ weights: [Double]) -> [Float] {
    switch self {
    case .singlePrecision: return weights.map { Float($0) }
    case .halfPrecision:
      let rounded = weights.map { Float(Float16($0 * largest)) }
      let least = rounded.lazy.filter { $0 > 0 }.min() ?? 1
      return rounded.map { $0 > 0 ? $0 : least }
    }
  }
}
