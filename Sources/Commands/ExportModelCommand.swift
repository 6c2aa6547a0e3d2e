import ArgumentParser
import Foundation
import HostSystem
import ModelStore
import Plans

/// `nnUNet_export_model_to_zip`: packs trained models into one archive.
struct ExportModelCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "nnUNet_export_model_to_zip",
    abstract: "Pack trained models of a task into a zip archive.",
    discussion: """
      nnUNet_install_pretrained_model_from_zip installs the archive. Checkpoints are packed as they \
      are: the Python nnU-Net cannot read models that this program trained.

      Example: nnUNet_export_model_to_zip -t 4 -o Task004.zip -m 2d 3d_fullres
      """)

  @OptionGroup var taskOption: TaskOption

  @Option(name: .customShort("o"), help: .init("The archive to write.", valueName: "zip"))
  var output: String

  @Option(
    name: .customShort("m"), parsing: .upToNextOption,
    help: .init("The networks to pack. Default: all four.", valueName: "network"))
  var models = Plans.Configuration.allCases

  @Option(
    name: .customLong("tr", withSingleDash: true),
    help: .init("The trainer of the networks other than the cascade's.", valueName: "name"))
  var trainer = DefaultNames.trainer

  @Option(
    name: .customLong("trc", withSingleDash: true),
    help: .init("The trainer of the cascade.", valueName: "name"))
  var cascadeTrainer = DefaultNames.cascadeTrainer

  @Option(
    name: .customLong("pl", withSingleDash: true),
    help: .init("The name of the plans.", valueName: "name"))
  var plans = DefaultNames.plans

  @Flag(
    name: .customLong("disable_strict"),
    help: "Leave out models, folds and postprocessing that are missing.")
  var isLenient = false

  @Option(
    name: .customShort("f"), parsing: .upToNextOption,
    help: .init("The folds to pack, numbers or all. Default: 0 1 2 3 4.", valueName: "fold"))
  var folds: [String] = ["0", "1", "2", "3", "4"]

  func validate() throws {
    for fold in folds where fold != "all" && (Int(fold) ?? -1) < 0 {
      throw ValidationError("-f must be numbers of folds or all, not \(fold).")
    }
  }

  func run() throws {
    let workspace = ProgramEnvironment().workspace
    let reporter = ConsoleReporter()
    sweepLeftovers(
      in: URL(fileURLWithPath: output).deletingLastPathComponent(), reporter: reporter)
    var export = ModelPacking(
      results: try workspace.allResults(), task: try workspace.taskName(for: taskOption.name),
      configurations: models)
    export.trainer = trainer
    export.cascadeTrainer = cascadeTrainer
    export.plans = plans
    export.folds = folds.map { Int($0).map { Fold.number($0).folderName } ?? $0 }
    export.isStrict = !isLenient
    let names = try export.write(to: URL(fileURLWithPath: output), reporter: reporter)
    reporter.note("packed \(countText(names.count, "file")) into \(output)")
  }
}
