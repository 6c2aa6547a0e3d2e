import Foundation
import HostSystem
import ModelStore
import Plans
import Training

/// What the program takes from its environment (no other code reads it), with what packages added
/// to the program.
struct ProgramEnvironment {
  private let variables: [String: String]
  /// What packages added to the program.
  let extensions: Extensions

  init(
    variables: [String: String] = ProcessInfo.processInfo.environment,
    extensions: Extensions = Extensions()
  ) {
    self.variables = variables
    self.extensions = extensions
  }

  /// The folders that nnU-Net's three variables name.
  var workspace: Workspace { Workspace(environment: variables) }

  /// The models that can be downloaded: those that `NNUNET_MODEL_INDEX` (a file or an address)
  /// lists, otherwise those in the program's own list.
  func modelIndex() throws -> ModelIndex {
    guard let place = variables["NNUNET_MODEL_INDEX"], !place.isEmpty else {
      return try ModelIndex()
    }
    return try ModelIndex(at: place)
  }

  /// The name of the command that started this one, such as `nnUNet_run`.
  var parent: String? { variables[ParentWatch.variable] }

  /// The list of models that `NNUNET_MODEL_INDEX` names, if it is a readable file.
  var modelIndexOnDisk: ModelIndex? {
    guard let place = variables["NNUNET_MODEL_INDEX"], !place.isEmpty, !place.holds("://") else {
      return nil
    }
    return try? ModelIndex(at: place)
  }

  /// This process among those that torchrun, mpirun or srun started together; nil if none did.
  func launchedRank() throws -> RankPosition? {
    do {
      return try RankPosition(variables: variables)
    } catch TrainingError.invalidLaunch(let variable, let value, let expected) {
      throw CommandLineError.invalidVariable(name: variable, value: value, expected: expected)
    }
  }

  /// The default number of threads of a command: `nnUNet_def_n_proc`, otherwise all processors.
  ///
  /// nnU-Net v1 starts 8 processes on every machine.
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

  /// This process's place among those that a launcher started; nil if none did.
  var rankLaunch: RankLaunch? {
    get throws(TrainingError) { try RankLaunch(variables: variables) }
  }

  /// The number of threads that make training batches: `nnUNet_n_proc_DA`, otherwise `cores`, at
  /// most 12.
  func augmentationThreadCount(cores: Int) throws(CommandLineError) -> Int {
    let name = "nnUNet_n_proc_DA"
    guard let text = variables[name], !text.isEmpty else { return min(cores, 12) }
    guard let count = Int(text), 1...Self.largestThreadCount ~= count else {
      throw .invalidVariable(name: name, value: text, expected: Self.threadCounts)
    }
    return count
  }

  /// No machine has more; a mistaken number would start as many threads or overflow.
  private static let largestThreadCount = 65_536
  private static let threadCounts = "a whole number of 1 to \(largestThreadCount)"
}
