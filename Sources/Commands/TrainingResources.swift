import ArgumentParser
import Torch
import Training

/// The length and the hardware of a training.
struct TrainingResources: ParsableArguments {
  @Option(
    help: .init(
      "A JSON file with changes to the trainer: loss, optimizer, schedule and so on.",
      valueName: "file"))
  var recipe: String?

  @Option(help: .init("The number of epochs. Default: the trainer's, 1000.", valueName: "n"))
  var epochs: Int?

  @Option(help: .init("Training batches per epoch. Default: 250.", valueName: "n"))
  var iterationsPerEpoch: Int?

  @Option(
    name: .customLong("val-iterations"),
    help: .init("Validation batches per epoch. Default: 50.", valueName: "n"))
  var validationIterations: Int?

  @Option(
    name: .customLong("checkpoint-every"),
    help: .init("Epochs between checkpoints to resume from. Default: 1.", valueName: "n"))
  var epochsPerCheckpoint: Int?

  @Option(help: .init("Patches per batch. Default: the plans'.", valueName: "n"))
  var batchSize: Int?

  @OptionGroup var device: DeviceOption

  @Option(help: .init("Threads for one operation on the CPU.", valueName: "n"))
  var threads: Int?

  @Option(
    help: .init("The seed for weights, batches and augmentation. Default: random.", valueName: "n"))
  var seed: UInt64?

  @Flag(name: .customLong("fp32"), help: "Train in full instead of mixed precision.")
  var fullPrecision = false

  func validate() throws {
    for (option, value) in [
      ("--epochs", epochs), ("--iterations-per-epoch", iterationsPerEpoch),
      ("--val-iterations", validationIterations), ("--batch-size", batchSize),
      ("--threads", threads), ("--checkpoint-every", epochsPerCheckpoint),
    ] {
      if let value, !(1...TrainingRecipe.largestCount).contains(value) {
        throw ValidationError(
          "\(option) must be 1 to \(TrainingRecipe.largestCount), not \(value).")
      }
    }
    // JSON files store signed 64-bit numbers.
    if let seed, Int(exactly: seed) == nil {
      throw ValidationError("--seed must be 0 to \(Int.max), not \(seed).")
    }
  }

  /// The options as given, to pass them to `nnUNet_train`.
  var arguments: [String] {
    let numbers = [
      ("--epochs", epochs), ("--iterations-per-epoch", iterationsPerEpoch),
      ("--val-iterations", validationIterations), ("--checkpoint-every", epochsPerCheckpoint),
      ("--batch-size", batchSize), ("--threads", threads),
    ].flatMap { option, value in value.map { [option, String($0)] } ?? [] }
    return numbers + (recipe.map { ["--recipe", $0] } ?? []) + ["--device", device.name]
      + (seed.map { ["--seed", String($0)] } ?? []) + (fullPrecision ? ["--fp32"] : [])
  }

  /// The user's choices instead of the recipe's.
  var changes: RecipeChanges {
    var changes = RecipeChanges()
    changes.epochs = epochs
    changes.iterationsPerEpoch = iterationsPerEpoch
    changes.validationIterationsPerEpoch = validationIterations
    changes.batchSize = batchSize
    changes.epochsPerCheckpoint = epochsPerCheckpoint
    return changes
  }

  func precision(on device: Device, recipe: TrainingRecipe) -> Precision {
    fullPrecision ? .float32 : recipe.precision ?? .mixed(on: device)
  }

  /// The seed, drawn if the user gives none; the log shows it.
  var chosenSeed: UInt64 { seed ?? UInt64.random(in: 0...UInt64(UInt32.max)) }
}
