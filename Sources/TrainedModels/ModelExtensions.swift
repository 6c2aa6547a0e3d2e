public import Networks
package import Preprocessing

/// What packages add that a trained model may need.
public struct ModelExtensions: Sendable {
  /// Networks, by the names that model folders have in `network.json`.
  public var networks = NetworkTable()
  /// Preprocessors and normalizations, by the names that plans have.
  package var preprocessing = PreprocessingTable()

  /// Creates extensions that add nothing.
  public init() {}
}
