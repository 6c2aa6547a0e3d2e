package import Networks
package import Plans

extension V1Model {
  /// Refuses a model of this program that v1 could not load, or would run on images prepared in
  /// another way.
  ///
  /// - Parameters:
  ///   - plans: The plans that it was trained with.
  ///   - network: The network as it was trained.
  ///   - preprocessors: The names of v1's preprocessors.
  ///   - model: The model's folder, for errors.
  /// - Throws: ``ExchangeError/unknownToV1(model:detail:)``.
  package static func check(
    plans: ExperimentPlans, network: NetworkArchitecture, preprocessors: [String], model: String
  ) throws(ExchangeError) {
    func refused(_ detail: String) -> ExchangeError { .unknownToV1(model: model, detail: detail) }
    if let name = network.registeredName {
      throw refused("its network \(name) comes from a package")
    }
    guard case .genericUNet = network else { throw refused("its network belongs to v2") }
    guard preprocessors.contains(plans.preprocessorName) else {
      throw refused("its images were prepared by \(plans.preprocessorName)")
    }
    guard plans.convention == .v1 else {
      throw refused("its images are prepared and its outputs averaged as in v2")
    }
    for (channel, scheme) in plans.normalizationSchemes.sorted(by: { $0.key < $1.key })
    where !NormalizationScheme.ofNNUNet.contains(scheme) {
      throw refused("channel \(channel) is normalized as \(scheme.rawValue)")
    }
  }
}
