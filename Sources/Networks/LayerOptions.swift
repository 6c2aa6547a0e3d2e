/// The normalization of features after a convolution.
public enum FeatureNormalization: Codable, Hashable, Sendable {
  /// Over the voxels of each channel of each sample.
  case instance
  /// Over the voxels of each channel of the whole batch; prediction uses running averages.
  case batch
  /// Over the voxels of groups of channels of each sample.
  case group(count: Int)
  /// Filter response normalization, which has its own threshold instead of a nonlinearity.
  ///
  /// Source: Singh and Krishnan, "Filter Response Normalization Layer", 2020.
  case filterResponse
  /// Not at all.
  case none
}

/// The function between convolutions.
public enum Nonlinearity: Codable, Hashable, Sendable {
  /// `x` above 0, `slope · x` below.
  case leakyReLU(slope: Double)
  /// `max(x, 0)`.
  case relu
  /// `x · Φ(x)`, Φ being the normal distribution (Hendrycks and Gimpel, 2016).
  case gelu
  /// `x · tanh(softplus(x))` (Misra, 2019).
  case mish
}
