public import Plans

/// What a job asks a batch system for.
public struct JobResources: Hashable, Sendable {
  public var processors: Int
  /// GB of the host's memory.
  public var memory: Int
  public var gpus: Int
  /// As Slurm writes it: `hours:minutes:seconds` or `days-hours`.
  public var timeLimit: String

  public init(processors: Int, memory: Int, gpus: Int, timeLimit: String) {
    self.processors = processors
    self.memory = memory
    self.gpus = gpus
    self.timeLimit = timeLimit
  }

  /// The host's memory for training with a stage of the plans, GB.
  ///
  /// On a CPU the features of all stages stay for the backward pass: about 16 times those of the
  /// first one, as measured. Each thread that makes batches holds one patch of all channels more.
  public static func memory(
    for stage: StagePlan, channels: Int, baseFeatures: Int, onGPU: Bool, threads: Int
  ) -> Int {
    let voxels = Double(stage.patchSize.reduce(1, *) * stage.batchSize)
    let features = onGPU ? 0 : voxels * Double(baseFeatures) * 4 * 16
    let batches = voxels * Double(channels + 1) * 4 * 8 * Double(threads)
    let program = onGPU ? 6e9 : 2e9
    return Int(((program + features + batches) / 1e9).rounded(.up))
  }
}
