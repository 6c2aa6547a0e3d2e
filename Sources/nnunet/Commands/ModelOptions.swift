import ArgumentParser
import Plans

/// Which model of which task, beside its trainer.
struct ModelOptions: ParsableArguments {
  @Option(
    name: [.short, .customLong("task_name")],
    help: .init("The task's name or id.", valueName: "task"))
  var task: String

  @Option(
    name: [.short, .customLong("model")],
    help: .init(
      "The network: 2d, 3d_lowres, 3d_fullres or 3d_cascade_fullres.", valueName: "network"))
  var model = Plans.Configuration.fullResolution.rawValue

  @Option(
    name: [.short, .customLong("plans_identifier")],
    help: .init("The name of the plans that the model was trained with.", valueName: "name"))
  var plans = "nnUNetPlansv2.1"
}
