import ArgumentParser
import Plans

/// The trainer of one model; nil if the user left it open.
struct TrainerOption: ParsableArguments {
  @Option(
    name: [.customLong("tr", withSingleDash: true), .customLong("trainer_class_name")],
    help: .init(
      "The trainer. Default: nnUNetTrainerV2, or nnUNetTrainerV2CascadeFullRes for the cascade.",
      valueName: "name"))
  var chosen: String?

  /// The trainer of a model; without a choice, the usual one of its configuration.
  func name(for configuration: Plans.Configuration?) -> String {
    chosen ?? DefaultNames.trainer(of: configuration)
  }
}
