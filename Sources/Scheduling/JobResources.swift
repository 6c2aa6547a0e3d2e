import HostSystem
package import Plans

/// The resources that a job requests from a batch system.
package struct JobResources: Hashable, Sendable {
  package var processors: Int
  /// GB of the host's memory.
  package var memory: Int
  package var gpus: Int
  /// In Slurm's format: `hours:minutes:seconds` or `days-hours`.
  package var timeLimit: String

  package init(processors: Int, memory: Int, gpus: Int, timeLimit: String) {
    self.processors = processors
    self.memory = memory
    self.gpus = gpus
    self.timeLimit = timeLimit
  }

  /// The host's memory for training with a stage of the plans, GB.
  ///
  /// On a CPU, the features of all stages are kept for the backward pass: about 16 times those of
  /// the first one, as measured. Each thread that makes batches keeps another patch of all
  /// channels.
  package static func memory(
    for stage: StagePlan, channels: Int, baseFeatures: Int, onGPU: Bool, threads: Int
  ) -> Int {
    let voxels = stage.patchSize.reduce(Double(stage.batchSize)) { $0 * Double($1) }
    let features = onGPU ? 0 : voxels * Double(baseFeatures) * 4 * 16
    let batches = voxels * Double(channels + 1) * 4 * 8 * Double(threads)
    let program = onGPU ? 6e9 : 2e9
    return Int(
      nearest: ((program + features + batches) / 1e9).rounded(.up), within: 1...1_000_000_000) ?? 1
  }

  /// The possible numbers in a time limit.
  private static let limits = 0...1_000_000_000

  /// The time limit in seconds; nil if Slurm would not understand it.
  ///
  /// `minutes`, `minutes:seconds`, `hours:minutes:seconds`, `days-hours`, `days-hours:minutes` or
  /// `days-hours:minutes:seconds`.
  package var seconds: Int? {
    let parts = timeLimit.parts(at: "-", omittingEmpty: false)
    guard let clock = parts.last, parts.count <= 2 else { return nil }
    let texts = clock.parts(at: ":", omittingEmpty: false)
    let numbers = texts.compactMap { Int($0) }
    guard numbers.count == texts.count, numbers.count <= 3, numbers.allSatisfy(Self.limits.contains)
    else {
      return nil
    }
    guard parts.count == 2 else {
      return switch numbers.count {
      case 1: numbers[0] * 60
      case 2: numbers[0] * 60 + numbers[1]
      default: numbers[0] * 3600 + numbers[1] * 60 + numbers[2]
      }
    }
    guard let days = Int(parts[0]), Self.limits.contains(days) else { return nil }
    return zip(numbers, [3600, 60, 1]).reduce(days * 86400) { $0 + $1.0 * $1.1 }
  }
}
