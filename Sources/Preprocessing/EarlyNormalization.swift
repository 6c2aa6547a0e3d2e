public import Arrays
public import Plans

/// Normalization before resampling, as in nnU-Net v2; models of v2 need it.
///
/// Source: `nnunetv2/preprocessing/normalization/default_normalization_schemes.py`. Arithmetic is
/// in single precision.
public struct EarlyNormalization: Hashable, Sendable {
  /// How a channel is normalized.
  public enum Scheme: Hashable, Sendable {
    /// `(x - mean) / max(sd, 1e-8)` with the case's numbers; if `withinMask` is set, only within
    /// the nonzero mask, without changing the rest.
    case zScore(withinMask: Bool)
    /// Clipped, then `(x - mean) / max(sd, 1e-8)` with the dataset's numbers.
    case ct(low: Double, high: Double, mean: Double, deviation: Double)
    /// Intensities stay as they are.
    case none
    /// The case's range becomes 0 to 1.
    case rescaleToUnit
    /// Divided by 255; values outside 0 to 255 are an error.
    case colorToUnit
  }

  /// One for each channel.
  public var channels: [Scheme]

  /// Creates a normalization with a scheme for each channel, in the order of the channels.
  public init(channels: [Scheme]) { self.channels = channels }

  /// Creates the normalization of plans, whose schemes have other names in v2.
  ///
  /// - Throws: ``PreprocessingError/missingIntensities(channel:)``, or
  ///   ``PreprocessingError/unknownToV2(scheme:channel:)``.
  public init(_ plans: ExperimentPlans) throws(PreprocessingError) {
    channels = []
    for channel in 0..<plans.channelCount {
      switch plans.normalizationSchemes[channel] ?? .zScore {
      case .none: channels.append(.none)
      case .zScore:
        channels.append(.zScore(withinMask: plans.usesMaskForNormalization[channel] ?? false))
      case .ct:
        guard let found = plans.fingerprint.intensities?[channel] else {
          throw .missingIntensities(channel: channel)
        }
        channels.append(
          .ct(
            low: found.percentile0p5, high: found.percentile99p5, mean: found.mean,
            deviation: found.standardDeviation))
      case let other: throw .unknownToV2(scheme: other.rawValue, channel: channel)
      }
    }
  }

  /// Whether each channel is normalized only within the nonzero mask.
  var usesMask: [Int: Bool] {
    Dictionary(
      // lint: positions
      uniqueKeysWithValues: channels.enumerated().map { ($0, $1 == .zScore(withinMask: true)) })
  }

  /// Normalizes every channel in place.
  ///
  /// - Parameters:
  ///   - data: `(channel, z, y, x)`.
  ///   - labels: `(z, y, x)`; voxels below 0 are outside the mask.
  /// - Throws: ``PreprocessingError/notColor(channel:)``.
  public func normalize(
    _ data: inout DenseArray<Float>, labels: DenseArray<Int16>
  ) throws(PreprocessingError) {
    precondition(data.shape[0] == channels.count)
    let count = labels.count
    var outOfRange: Int?
    data.scalars.withUnsafeMutableBufferPointer { voxels in
      for (channel, scheme) in channels.enumerated() {
        let values = UnsafeMutableBufferPointer(
          rebasing: voxels[channel * count..<(channel + 1) * count])
        if !Self.apply(scheme, to: values, labels: labels) { outOfRange = channel }
      }
    }
    if let outOfRange { throw .notColor(channel: outOfRange) }
  }

  /// Returns whether the values were valid for the scheme.
  private static func apply(
    _ scheme: Scheme, to values: UnsafeMutableBufferPointer<Float>, labels: DenseArray<Int16>
  ) -> Bool {
    switch scheme {
    case .none: break
    case .zScore(withinMask: false):
      let found = pairwiseMeanAndDeviation(UnsafeBufferPointer(values))
      standardize(values, found.mean, found.standardDeviation)
    case .zScore(withinMask: true):
      let mask = labels.scalars
      let inside = values.indices.filter { mask[$0] >= 0 }
      var selected = inside.map { values[$0] }
      selected.withUnsafeMutableBufferPointer { selected in
        let found = pairwiseMeanAndDeviation(UnsafeBufferPointer(selected))
        standardize(selected, found.mean, found.standardDeviation)
      }
      for (index, value) in zip(inside, selected) { values[index] = value }
    case .ct(let low, let high, let mean, let deviation):
      for index in values.indices {
        values[index] = min(max(values[index], Float(low)), Float(high))
      }
      standardize(values, Float(mean), Float(deviation))
    case .rescaleToUnit:
      let least = values.min() ?? 0
      for index in values.indices { values[index] -= least }
      let divisor = max(values.max() ?? 0, 1e-8)
      for index in values.indices { values[index] /= divisor }
    case .colorToUnit:
      guard values.allSatisfy({ 0...255 ~= $0 }) else { return false }
      for index in values.indices { values[index] /= 255 }
    }
    return true
  }

  private static func standardize(
    _ values: UnsafeMutableBufferPointer<Float>, _ mean: Float, _ deviation: Float
  ) {
    let divisor = max(deviation, 1e-8)
    for index in values.indices { values[index] = (values[index] - mean) / divisor }
  }
}
