import ArgumentParser
import Foundation
import HostSystem
import Inference
import Torch
import Training

/// The devices that train one network, and how they share the work.
struct ParallelOptions: ParsableArguments {
  @Option(
    help: .init(
      """
      Train on several devices, one process each: their number, all, or a list such as \
      cuda:0,cuda:2 or cpu,cpu. Under torchrun, mpirun or srun: one for each process of a machine.
      """, valueName: "list"))
  var devices: String?

  @Flag(
    name: .customLong("dbs"),
    help: "Split the planned batch among the devices. Default: each has a whole batch.")
  var distributesBatch = false

  /// The devices that the user names; without a list, all GPUs, or the CPU if there are none.
  func named(_ list: String?) throws -> [Device] {
    guard let list, list != "all" else {
      let accelerators = try Device.present().filter { $0.kind == .cuda }
      return accelerators.isEmpty ? [.cpu] : accelerators
    }
    if let number = Int(list), number < 1 {
      throw ValidationError("--devices must be at least 1, not \(number).")
    }
    return try DeviceList.devices(named: list)
  }

  /// The device of one of several processes on this machine.
  func device(localRank: Int, single: DeviceOption) throws -> Device {
    if devices == nil, !single.isAutomatic { return try single.device() }
    let list = try named(devices)
    // A list with one entry applies to each process; processes do not share GPUs.
    if list == [.cpu] { return .cpu }
    guard localRank < list.count else {
      throw TorchError.deviceNotPresent(
        name: "cuda:\(localRank)", present: list.map(\.description))
    }
    return list[localRank]
  }
}

/// Prints the warnings of a process that is not the first; the first one reports the rest.
struct RankReporter: Reporter {
  let rank: Int

  func note(_ message: String) {}
  func warn(_ message: String) {
    Console.printToStandardError("warning: rank \(rank): \(message)")
  }
  func advance(_ activity: String, completed: Int, of total: Int) {}
}

/// Ends this process because another one is gone, and nothing else can end the wait for it.
@Sendable func endBecauseOfLoss(_ error: TrainingError) {
  Console.printError(error.message)
  if let hint = error.hint { Console.printToStandardError(hint) }
  _exit(Shell.failure)
}
