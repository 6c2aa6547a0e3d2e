import Plans
import Preprocessing

extension ModelDescription {
  /// How a channel is normalized: `(x − mean) / max(deviation + added, least)`, after values are
  /// clipped to `low` and `high`.
  struct Channel: Encodable {
    /// `CT`, `CT2`, `zscore`, `none`, `rescale01` or `divide255`.
    var scheme: String
    /// Whether only voxels within the nonzero mask are used and changed.
    var withinMask = false
    /// The others: `zero` or `unchanged`.
    var outsideMask = "zero"
    /// The source of mean and deviation: `training`, `case`, or `case between low and high`.
    var statistics = "case"
    var mean: Double?
    var deviation: Double?
    var low: Double?
    var high: Double?
    var addedToDeviation = 0.0
    var leastDeviation = 0.0

    enum CodingKeys: String, CodingKey {
      case scheme, statistics, mean, deviation, low, high
      case withinMask = "within_mask"
      case outsideMask = "outside_mask"
      case addedToDeviation = "added_to_deviation"
      case leastDeviation = "least_deviation"
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(scheme, forKey: .scheme)
      try container.encode(withinMask, forKey: .withinMask)
      try container.encode(outsideMask, forKey: .outsideMask)
      try container.encode(statistics, forKey: .statistics)
      // Null if there is none.
      try container.encode(mean, forKey: .mean)
      try container.encode(deviation, forKey: .deviation)
      try container.encode(low, forKey: .low)
      try container.encode(high, forKey: .high)
      try container.encode(addedToDeviation, forKey: .addedToDeviation)
      try container.encode(leastDeviation, forKey: .leastDeviation)
    }
  }
}

extension TrainedModel {
  /// How each channel is normalized.
  func channelNormalization(by preprocessor: Preprocessor) -> [ModelDescription.Channel] {
    if case .normalizeThenResample(let normalization) = preprocessor.steps {
      return normalization.channels.map(ModelDescription.Channel.init)
    }
    if preprocessor.rule.divisor != nil {
      return (0..<plans.channelCount).map { _ in ModelDescription.Channel(scheme: "divide255") }
    }
    return (0..<plans.channelCount).map { channel in
      let scheme = plans.normalizationSchemes[channel] ?? .zScore
      let masked = plans.usesMaskForNormalization[channel] ?? false
      return ModelDescription.Channel(
        scheme, masked: masked, known: plans.fingerprint.intensities?[channel])
    }
  }
}

extension ModelDescription.Channel {
  /// As v1 normalizes.
  fileprivate init(_ scheme: NormalizationScheme, masked: Bool, known: IntensityStatistics?) {
    self.init(
      scheme: scheme == .zScore ? "zscore" : scheme == .none ? "none" : scheme.rawValue,
      withinMask: masked)
    switch scheme {
    case .zScore: addedToDeviation = 1e-8
    case .ct:
      statistics = "training"
      (mean, deviation) = (known?.mean, known?.standardDeviation)
    case .ct2: statistics = "case between low and high"
    // Not normalized, or normalized by a package, of which only the name is known.
    default: break
    }
    guard scheme == .ct || scheme == .ct2 else { return }
    (low, high) = (known?.percentile0p5, known?.percentile99p5)
  }

  /// As v2 normalizes.
  fileprivate init(_ scheme: EarlyNormalization.Scheme) {
    switch scheme {
    case .none: self.init(scheme: "none")
    case .zScore(let withinMask):
      self.init(scheme: "zscore", withinMask: withinMask, outsideMask: "unchanged")
      leastDeviation = 1e-8
    case .ct(let low, let high, let mean, let deviation):
      self.init(
        scheme: "CT", statistics: "training", mean: mean, deviation: deviation, low: low,
        high: high)
      leastDeviation = 1e-8
    case .rescaleToUnit: self.init(scheme: "rescale01")
    case .colorToUnit: self.init(scheme: "divide255")
    }
  }
}
