import ArgumentParser
import Plans

/// The task and the model, except its trainer; nil for what the user did not specify.
struct ModelOptions: ParsableArguments {
  @Option(
    name: [.customShort("t"), .customLong("task_name")],
    help: .init("The task's name or id.", valueName: "task"))
  var task: String

  @Option(
    name: [.customShort("m"), .customLong("model")],
    help: .init(
      "The network: 2d, 3d_lowres, 3d_fullres or 3d_cascade_fullres. Default: 3d_fullres.",
      valueName: "network"))
  var chosenModel: String?

  @Option(
    name: [.customShort("p"), .customLong("plans_identifier")],
    help: .init(
      "The name of the plans that the model was trained with. Default: nnUNetPlansv2.1.",
      valueName: "name"))
  var chosenPlans: String?

  var model: String { chosenModel ?? Plans.Configuration.fullResolution.rawValue }

  var plans: String { chosenPlans ?? DefaultNames.plans }
}
