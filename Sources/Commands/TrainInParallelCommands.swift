import ArgumentParser

/// `nnUNet_train_DDP`: trains one network on several devices of one or more machines.
struct TrainDDPCommand: ExtensibleCommand {
  static let configuration = CommandConfiguration(
    commandName: "nnUNet_train_DDP",
    abstract: "Train a network on several devices or machines.",
    discussion: """
      Does the same as nnUNet_train --devices. Under torchrun, mpirun or srun, each process trains its \
      part; otherwise, it starts one process for each GPU, or for each device of --devices.

      Example: nnUNet_train_DDP 3d_fullres nnUNetTrainerV2 4 0 --devices 2 --dbs
      Two machines with four GPUs each, on each of them: torchrun --no-python --nnodes 2 \
      --nproc-per-node 4 --rdzv-backend c10d --rdzv-endpoint HOST:29500 nnUNet_train_DDP \
      3d_fullres nnUNetTrainerV2 4 0
      """)

  @OptionGroup var training: TrainCommand

  @Option(
    name: [.customLong("local_rank"), .customLong("local-rank")],
    help: .init("No effect: the environment determines it.", visibility: .hidden))
  var localRank: Int?

  func run(with extensions: Extensions) throws {
    try training.run(mayBeStartedAsRank: true, extensions: extensions)
  }
}

/// `nnUNet_train_DP`: the same on the GPUs of one machine.
struct TrainDPCommand: ExtensibleCommand {
  static let configuration = CommandConfiguration(
    commandName: "nnUNet_train_DP",
    abstract: "Train a network on several devices of this machine.",
    discussion: """
      nnU-Net v1 has a separate engine for this command; here it works like nnUNet_train_DDP, with \
      one process for each device.

      Example: nnUNet_train_DP 3d_fullres nnUNetTrainerV2_DP 4 0 -gpus 2 --dbs
      """)

  @OptionGroup var training: TrainCommand

  @Option(
    name: .customLong("gpus", withSingleDash: true),
    help: .init(
      "The number of devices: GPUs, or processes on a machine without GPUs.", valueName: "n"))
  var count: Int

  func validate() throws {
    if count < 1 { throw ValidationError("-gpus must be at least 1, not \(count).") }
  }

  func run(with extensions: Extensions) throws {
    try training.run(
      mayBeStartedAsRank: false, devices: "\(count)", extensions: extensions)
  }
}
