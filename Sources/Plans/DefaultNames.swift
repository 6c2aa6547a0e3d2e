/// The default names of nnU-Net v1's commands.
package enum DefaultNames {
  /// The plans identifier.
  package static let plans = "nnUNetPlansv2.1"
  /// The trainer of all networks except the cascade's second.
  package static let trainer = "nnUNetTrainerV2"
  /// The trainer of the cascade's second network.
  package static let cascadeTrainer = "nnUNetTrainerV2CascadeFullRes"
  /// The folder of a fold's validation.
  package static let validationFolder = "validation_raw"
  /// What the name of the folder with postprocessed predictions ends in.
  package static let postprocessedSuffix = "_postprocessed"

  /// The trainer of a network.
  package static func trainer(of configuration: Configuration?) -> String {
    configuration == .cascade ? cascadeTrainer : trainer
  }
}
