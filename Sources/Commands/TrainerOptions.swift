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
