import HostSystem
import Planning
import Preprocessing
import Training

/// What packages added to the program.
struct Extensions: Sendable {
  /// What training and prediction use.
  var training = TrainingExtensions()
  /// Planners, for `-pl3d` and `-pl2d`.
  var planners: [ExperimentPlanner] = []
  /// Problems of the additions; a program with such problems does not run.
  var problems: [String] = []

  /// Notes a problem if a name cannot be used.
  mutating func check(_ kind: String, _ name: String, isTaken: Bool) {
    if isTaken { problems.append("There are two \(kind)s \(name).") }
    if name.isEmpty || name.holds("/") || name.holds("__") {
      problems.append(
        "\"\(name)\" cannot be the name of a \(kind), since folders are named after it.")
    }
  }
}
