/// The default names of nnU-Net v1's commands.
package enum DefaultNames {
  /// The plans identifier.
  package static let plans = "nnUNetPlansv2.1"
  /// The trainer of all networks except the cascade's second.
  package static let trainer = "nnUNetTrainerV2"
  /// The trainer of the cascade's second network.
  package static let cascadeTrainer = "nnUNetTrainerV2CascadeFullRes"

  /// The trainer of a network.
  package static func trainer(of configuration: Configuration?) -> String {
    configuration == .cascade ? cascadeTrainer : trainer
  }
}
