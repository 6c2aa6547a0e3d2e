import ArgumentParser
import Torch

/// The device that networks run on.
struct DeviceOption: ParsableArguments {
  @Option(
    name: .customLong("device"),
    help: .init("cpu, cuda, cuda:N, mps, or auto for the fastest available.", valueName: "name"))
  var name = "auto"

  /// Whether the user left the choice to the program.
  var isAutomatic: Bool { name == "auto" }

  /// The device, which is present.
  func device() throws(TorchError) -> Device { try Device(named: name) }
}
