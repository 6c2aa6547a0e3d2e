public import Plans

/// Chooses how each channel's intensities are normalized, by the channel's name in dataset.json.
public struct NormalizationSchemeRule: Hashable, Sendable {
  /// The scheme of CT channels.
  public var schemeOfCT = NormalizationScheme.ct

  public init() {}

  /// The scheme of each channel: "CT" and "ct" are CT, "noNorm" is left as it is, everything else
  /// gets a z-score.
  public func callAsFunction(_ channelNames: [Int: String]) -> [Int: NormalizationScheme] {
    channelNames.mapValues { name in
      if Self.isCT(name) { return schemeOfCT }
      return name == "noNorm" ? .none : .zScore
    }
  }

  /// Whether a channel is computed tomography, whose values are comparable between cases.
  public static func isCT(_ name: String) -> Bool { name == "CT" || name == "ct" }
}
