import ArgumentParser
import Plans

/// The task and the model, except its trainer; nil for what the user did not specify.
struct ModelOptions: ParsableArguments {
  @OptionGroup var taskOption: TaskOption

  @Option(
    name: [.customShort("m"), .customLong("model")],
    help: .init(
      "The network: \(Plans.Configuration.list), or a configuration of a v2 model. "
        + "Default: 3d_fullres.",
      valueName: "network"))
  var chosenModel: String?

  @Option(
    name: [.customShort("p"), .customLong("plans_identifier")],
    help: .init(
      "The name of the plans that the model was trained with. Default: nnUNetPlansv2.1.",
      valueName: "name"))
  var chosenPlans: String?

  var task: String { taskOption.name }

  var model: String { chosenModel ?? Plans.Configuration.fullResolution.rawValue }

  var plans: String { chosenPlans ?? DefaultNames.plans }
}
