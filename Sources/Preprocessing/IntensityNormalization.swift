public import Arrays
public import Plans

/// Normalizes the intensities of a case to a common scale, after resampling, as in nnU-Net v1.
///
/// Source: `resample_and_normalize` in `nnunet/preprocessing/preprocessing.py`. All arithmetic is in
/// single precision with NumPy's pairwise sums.
public struct IntensityNormalization: Sendable {
  /// How each channel is normalized.
  public var schemes: [Int: NormalizationScheme]
  /// Whether each channel is normalized only within its nonzero mask, and is 0 outside.
  public var usesMask: [Int: Bool]
  /// The dataset's foreground intensities; CT channels need them.
  package var intensities: [Int: IntensityStatistics]?

  /// What packages added for the channels with a scheme that is not nnU-Net's.
  public var registered: [Int: ChannelNormalization]

  /// Creates a normalization whose keys are the numbers of the channels, from 0.
  ///
  /// - Parameters:
  ///   - schemes: How each channel is normalized.
  ///   - usesMask: Whether each channel is normalized only within its nonzero mask, and is 0
  ///     outside.
  ///   - intensities: The dataset's foreground intensities; the schemes for CT need them.
  ///   - registered: What packages added for schemes that are not nnU-Net's.
  public init(
    schemes: [Int: NormalizationScheme], usesMask: [Int: Bool],
    intensities: [Int: IntensityStatistics]?, registered: [Int: ChannelNormalization] = [:]
  ) {
    self.schemes = schemes
    self.usesMask = usesMask
    self.intensities = intensities
    self.registered = registered
  }

  /// Normalizes every channel in place.
  ///
  /// - Parameters:
  ///   - data: `(channel, z, y, x)`.
  ///   - labels: `(z, y, x)`; voxels below 0 are outside the mask.
  /// - Throws: ``PreprocessingError/missingIntensities(channel:)``, or what the code of a package throws.
  public func normalize(_ data: inout DenseArray<Float>, labels: DenseArray<Int16>) throws {
    try normalizeByNNUNet(&data, labels: labels)
    let (shape, count) = (labels.shape, labels.count)
    for (channel, normalize) in registered.sorted(by: { $0.key < $1.key }) {
      let context = NormalizationContext(
        channel: channel, shape: shape, labels: labels, usesMask: usesMask[channel] ?? false,
        intensities: intensities?[channel])
      try data.scalars.withUnsafeMutableBufferPointer { voxels in
        let values = voxels[channel * count..<(channel + 1) * count]
        try normalize(UnsafeMutableBufferPointer(rebasing: values), context)
      }
    }
  }

  /// Normalizes the channels with a scheme of nnU-Net.
  private func normalizeByNNUNet(
    _ data: inout DenseArray<Float>, labels: DenseArray<Int16>
  ) throws(PreprocessingError) {
    let channels = data.shape[0]
    let bounds = try (0..<channels).map { channel throws(PreprocessingError) in
      try windowIfNeeded(channel)
    }
    let count = labels.count
    data.scalars.withUnsafeMutableBufferPointer { voxels in
      labels.scalars.withUnsafeBufferPointer { labels in
        for channel in 0..<channels {
          let values = UnsafeMutableBufferPointer(
            rebasing: voxels[channel * count..<(channel + 1) * count])
          let isMasked = usesMask[channel] ?? false
          switch schemes[channel] ?? .zScore {
          case .zScore:
            Self.zScore(values, labels: isMasked ? labels : nil)
          case .ct:
            guard let bounds = bounds[channel] else { preconditionFailure("plans without CT") }
            Self.standardizeByDataset(values, bounds)
            if isMasked { Self.clear(values, outside: labels) }
          case .ct2:
            guard let bounds = bounds[channel] else { preconditionFailure("plans without CT2") }
            Self.standardizeInWindow(values, bounds)
            if isMasked { Self.clear(values, outside: labels) }
          // Not normalized, or normalized by a package.
          default: break
          }
        }
      }
    }
  }

  /// The dataset's statistics as single-precision numbers.
  private struct Window {
    var low: Float
    var high: Float
    var mean: Float
    var deviation: Float
  }

  private func windowIfNeeded(_ channel: Int) throws(PreprocessingError) -> Window? {
    let scheme = schemes[channel] ?? .zScore
    guard scheme == .ct || scheme == .ct2 else { return nil }
    guard let statistics = intensities?[channel] else {
      throw .missingIntensities(channel: channel)
    }
    return Window(
      low: Float(statistics.percentile0p5), high: Float(statistics.percentile99p5),
      mean: Float(statistics.mean), deviation: Float(statistics.standardDeviation))
  }

  /// CT: clip to the dataset's percentiles, then `(x - mean) / sd` with the dataset's numbers.
  private static func standardizeByDataset(
    _ values: UnsafeMutableBufferPointer<Float>, _ window: Window
  ) {
    for index in values.indices {
      let clipped = min(max(values[index], window.low), window.high)
      values[index] = (clipped - window.mean) / window.deviation
    }
  }

  /// CT2: clip to the dataset's percentiles, then mean and deviation of the case's voxels in between.
  private static func standardizeInWindow(
    _ values: UnsafeMutableBufferPointer<Float>, _ window: Window
  ) {
    let inside = values.filter { $0 > window.low && $0 < window.high }
    let (mean, deviation) = inside.withUnsafeBufferPointer(pairwiseMeanAndDeviation)
    for index in values.indices {
      let clipped = min(max(values[index], window.low), window.high)
      values[index] = (clipped - mean) / deviation
    }
  }

  /// `(x - mean) / (sd + 1e-8)` with the case's numbers; if there are labels, only within the mask,
  /// and 0 outside.
  private static func zScore(
    _ values: UnsafeMutableBufferPointer<Float>, labels: UnsafeBufferPointer<Int16>?
  ) {
    let statistics: (mean: Float, standardDeviation: Float)
    if let labels {
      let inside = values.indices.filter { labels[$0] >= 0 }.map { values[$0] }
      statistics = inside.withUnsafeBufferPointer(pairwiseMeanAndDeviation)
    } else {
      statistics = pairwiseMeanAndDeviation(UnsafeBufferPointer(values))
    }
    let mean = statistics.mean
    let divisor = Float(Double(statistics.standardDeviation) + 1e-8)
    for index in values.indices { values[index] = (values[index] - mean) / divisor }
    if let labels { clear(values, outside: labels) }
  }

  private static func clear(
    _ values: UnsafeMutableBufferPointer<Float>, outside labels: UnsafeBufferPointer<Int16>
  ) {
    for index in values.indices where labels[index] < 0 { values[index] = 0 }
  }
}
