/// The names that nnU-Net v1's commands take unless they are told.
public enum DefaultNames {
  /// The plans identifier.
  public static let plans = "nnUNetPlansv2.1"
  /// The trainer of all networks but the cascade's second.
  public static let trainer = "nnUNetTrainerV2"
  /// The trainer of the cascade's second network.
  public static let cascadeTrainer = "nnUNetTrainerV2CascadeFullRes"

  /// The trainer of a network.
  public static func trainer(of configuration: Configuration?) -> String {
    configuration == .cascade ? cascadeTrainer : trainer
  }
}
