import ArgumentParser
import Plans

/// One of the four networks of a task.
struct ConfigurationOption: ParsableArguments {
  @Option(
    name: [.customShort("m"), .customLong("model")],
    help: .init("The network.", valueName: "network"))
  var value = Plans.Configuration.fullResolution
}
