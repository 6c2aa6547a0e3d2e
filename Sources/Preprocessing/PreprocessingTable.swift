public import Arrays
public import Plans

/// What packages add to preprocessing, by the names that plans use.
public struct PreprocessingTable: Sendable {
  /// Preprocessors; see ``PreprocessingRule``.
  public var rules: [String: PreprocessingRule] = [:]
  /// Ways to normalize a channel; see ``ChannelNormalization``.
  package var normalizations: [String: ChannelNormalization] = [:]

  /// Creates a table that adds nothing.
  public init() {}

  /// The rule of a preprocessor of the plans, of nnU-Net or of a package.
  ///
  /// - Throws: ``PreprocessingError/unknownPreprocessor(name:known:)``.
  func rule(named name: String) throws(PreprocessingError) -> PreprocessingRule {
    guard let rule = rules[name] ?? PreprocessingRule.known[name] else {
      throw .unknownPreprocessor(
        name: name, known: (Array(rules.keys) + PreprocessingRule.known.keys).sorted())
    }
    return rule
  }

  /// The normalizations of the plans that packages added.
  ///
  /// - Throws: ``PreprocessingError/unknownNormalization(channel:name:known:)`` for a scheme that is
  ///   neither nnU-Net's nor a package's.
  func normalizations(
    of schemes: [Int: NormalizationScheme]
  ) throws(PreprocessingError) -> [Int: ChannelNormalization] {
    var result: [Int: ChannelNormalization] = [:]
    for (channel, scheme) in schemes.sorted(by: { $0.key < $1.key })
    where !NormalizationScheme.ofNNUNet.contains(scheme) {
      guard let normalization = normalizations[scheme.rawValue] else {
        throw .unknownNormalization(
          channel: channel, name: scheme.rawValue,
          known: NormalizationScheme.ofNNUNet.map(\.rawValue) + normalizations.keys.sorted())
      }
      result[channel] = normalization
    }
    return result
  }
}

/// Normalizes the voxels of one channel, in place.
///
/// The voxels are those of the resampled case, in the order z, y, x of
/// ``NormalizationContext/shape``. Training and prediction call it from several threads.
public typealias ChannelNormalization =
  @Sendable (UnsafeMutableBufferPointer<Float>, NormalizationContext) throws -> Void

/// What a normalization may use besides the voxels.
public struct NormalizationContext: Sendable {
  /// The number of the channel, from 0.
  public let channel: Int
  /// The extents of the case, z, y, x.
  public let shape: [Int]
  /// Labels, z, y, x: below 0 outside the nonzero region, 0 and above within it.
  public let labels: DenseArray<Int16>
  /// Whether the plans require ignoring the voxels outside the nonzero region and setting them to
  /// 0.
  public let usesMask: Bool
  /// The intensities of the foreground of the dataset; nil unless a channel is CT.
  public let intensities: IntensityStatistics?
}

/// A change that a package makes to every case after its normalization.
public struct CaseFilter: Sendable, Hashable {
  /// Its unique name.
  public let name: String
  /// Changes the images `(channel, z, y, x)`; the spacing of their axes is in mm.
  public let apply: @Sendable (inout DenseArray<Float>, _ spacing: [Double]) throws -> Void

  /// Creates a filter; `name` should differ from those of all other filters.
  public init(
    name: String,
    apply: @escaping @Sendable (inout DenseArray<Float>, _ spacing: [Double]) throws -> Void
  ) {
    self.name = name
    self.apply = apply
  }

  /// Whether they have the same name.
  public static func == (left: CaseFilter, right: CaseFilter) -> Bool { left.name == right.name }

  /// Hashes the name, the only part that is compared.
  public func hash(into hasher: inout Hasher) { hasher.combine(name) }
}
