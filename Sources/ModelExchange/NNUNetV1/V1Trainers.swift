/// What is known of v1's trainers, by their class names.
enum V1Trainers {
  /// Whether a trainer's models are plain U-Nets that are run as those of `nnUNetTrainerV2`: softmax
  /// over the labels, mirrored along all axes.
  ///
  /// These trainers differ in loss, optimizer, schedule or sampling alone. Others change the network,
  /// the labels or the mirroring, which a file of weights does not show.
  static func usesPlainNetwork(_ trainer: String) -> Bool {
    guard trainer.hasPrefix(base) else { return false }
    let variant = trainer.dropFirst(base.count)
    return variants.contains(String(variant)) || families.contains { variant.hasPrefix($0) }
  }

  private static let base = "nnUNetTrainerV2"
  private static let variants: Set<String> = [
    "", "_DP", "_DDP", "_fp16", "_fp32", "_ForceBD", "_ForceSD", "_warmup", "_fullEvals",
    "_2epochs", "_5epochs", "_DDP_5epochs", "_cycleAtEnd", "_cycleAtEnd2", "_softDeepSupervision",
    "_graduallyTransitionFromCEToDice", "_reduceMomentumDuringTraining",
  ]
  private static let families = [
    "_Loss_", "_SegLoss_", "_Adam", "_SGD_", "_Ranger_", "_momentum", "_copy",
  ]
}
