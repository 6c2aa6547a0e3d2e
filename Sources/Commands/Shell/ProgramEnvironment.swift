import Foundation
import HostSystem
import ModelStore
import Plans
import Training

/// What the program takes from its environment, and the only place where it is read; with what packages have
/// added to the program.
struct ProgramEnvironment {
  private let variables: [String: String]
  /// What packages have added to the program.
  let extensions: Extensions

  init(
    variables: [String: String] = ProcessInfo.processInfo.environment,
    extensions: Extensions = Extensions()
  ) {
    self.variables = variables
    self.extensions = extensions
  }

  /// The folders that the three variables of nnU-Net name.
  var workspace: Workspace { Workspace(environment: variables) }

  /// The models that can be downloaded: those that `NNUNET_MODEL_INDEX` (a file or an address) lists,
  /// else the program's own list.
  func modelIndex() throws -> ModelIndex {
    guard let place = variables["NNUNET_MODEL_INDEX"], !place.isEmpty else {
      return try ModelIndex()
    }
    return try ModelIndex(at: place)
  }

  /// What the command that has started this one says of itself, such as `nnUNet_run`.
  var parent: String? { variables[ParentWatch.variable] }

  /// The list of models that `NNUNET_MODEL_INDEX` names, if it is a file that can be read.
  var modelIndexOnDisk: ModelIndex? {
    guard let place = variables["NNUNET_MODEL_INDEX"], !place.isEmpty, !place.holds("://") else {
      return nil
    }
    return try? ModelIndex(at: place)
  }

  /// This process among those that torchrun, mpirun or srun started together; nil where none did.
  func launchedRank() throws -> RankPosition? {
    do {
      return try RankPosition(variables: variables)
    } catch TrainingError.invalidLaunch(let variable, let value, let expected) {
      throw CommandLineError.invalidVariable(name: variable, value: value, expected: expected)
    }
  }

  /// How many threads a command uses unless it is told: `nnUNet_def_n_proc`, else all processors.
  ///
  /// nnU-Net v1 starts 8 processes whatever the machine has.
  var defaultThreadCount: Int {
    get throws(CommandLineError) {
      let name = "nnUNet_def_n_proc"
      guard let text = variables[name], !text.isEmpty else {
        return ProcessInfo.processInfo.activeProcessorCount
      }
      guard let count = Int(text), 1...Self.largestThreadCount ~= count else {
        throw .invalidVariable(name: name, value: text, expected: Self.threadCounts)
      }
      return count
    }
  }

  /// This process's place among those that a launcher has started; nil if none has.
  var rankLaunch: RankLaunch? {
    get throws(TrainingError) { try RankLaunch(variables: variables) }
  }

  /// How many threads make training batches: `nnUNet_n_proc_DA`, else as many as `cores`, up to 12.
  func augmentationThreadCount(cores: Int) throws(CommandLineError) -> Int {
    let name = "nnUNet_n_proc_DA"
    guard let text = variables[name], !text.isEmpty else { return min(cores, 12) }
    guard let count = Int(text), 1...Self.largestThreadCount ~= count else {
      throw .invalidVariable(name: name, value: text, expected: Self.threadCounts)
    }
    return count
  }

  /// No machine has more; what a mistake names would be started, or not even counted.
  private static let largestThreadCount = 65_536
  private static let threadCounts = "a whole number of 1 to \(largestThreadCount)"
}
