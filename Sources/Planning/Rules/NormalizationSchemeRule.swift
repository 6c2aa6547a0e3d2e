public import Plans

/// Chooses how each channel's intensities are normalized, by the channel's name in dataset.json.
public struct NormalizationSchemeRule: Hashable, Sendable {
  /// The scheme of CT channels.
  public var schemeOfCT = NormalizationScheme.ct
  /// The names of CT channels.
  public var namesOfCT: Set<String> = ["CT", "ct"]
  /// The names of channels that are not normalized.
  public var unchangedNames: Set<String> = ["noNorm"]

  /// Schemes by the channel's name, before any other rule; packages add theirs here.
  public var schemes: [String: NormalizationScheme] = [:]

  /// Creates nnU-Net's rule: "CT" is normalized by the dataset's statistics, "noNorm" is not
  /// normalized, and all other channels get z-scores.
  public init() {}

  /// The rule of the planners that treat CT differently: "CT" gets a scheme, all others a z-score.
  public static func onlyCT(_ scheme: NormalizationScheme) -> NormalizationSchemeRule {
    var rule = NormalizationSchemeRule()
    rule.schemeOfCT = scheme
    rule.namesOfCT = ["CT"]
    rule.unchangedNames = []
    return rule
  }

  /// The scheme of each channel: "CT" and "ct" are CT, "noNorm" is not normalized, everything else
  /// gets a z-score.
  public func callAsFunction(_ channelNames: [Int: String]) -> [Int: NormalizationScheme] {
    channelNames.mapValues { name in
      if let scheme = schemes[name] { return scheme }
      if namesOfCT.contains(name) { return schemeOfCT }
      return unchangedNames.contains(name) ? .none : .zScore
    }
  }

  /// Whether a channel is computed tomography, whose values are comparable between cases.
  public static func isCT(_ name: String) -> Bool { name == "CT" || name == "ct" }
}
