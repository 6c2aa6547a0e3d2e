import ArgumentParser
import Plans

/// The trainers of several models of a task.
struct TrainerOptions: ParsableArguments {
  @Option(
    name: .customLong("tr", withSingleDash: true),
    help: .init("The trainer of all networks except the cascade's.", valueName: "name"))
  var trainer = DefaultNames.trainer

  @Option(
    name: .customLong("ctr", withSingleDash: true),
    help: .init("The trainer of the 3d_cascade_fullres network.", valueName: "name"))
  var cascadeTrainer = DefaultNames.cascadeTrainer
}

/// The networks that a user names with `-m`.
///
/// - Throws: `ValidationError` for unknown names.
func networks(named names: [String]) throws -> [Plans.Configuration] {
  try names.map { name in
    guard let configuration = Plans.Configuration(rawValue: name) else {
      throw ValidationError(
        "-m takes 2d, 3d_lowres, 3d_fullres, 3d_cascade_fullres, not \(name).")
    }
    return configuration
  }
}
