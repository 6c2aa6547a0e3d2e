import ArgumentParser
import Foundation
import HostSystem
import ModelExchange
import Plans
import Training

/// `nnUNet_change_trainer_class`: gives a model of the Python nnU-Net v1 another trainer's name.
struct ChangeTrainerClassCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "nnUNet_change_trainer_class",
    abstract: "Rename the trainer in the checkpoints of a model of v1.",
    discussion: """
      If a trainer changed nothing but the training, its models can run under the name of another \
      trainer, such as nnUNetTrainerV2. Changes the name in model_best.model.pkl and \
      model_final_checkpoint.model.pkl of all folds; the folder keeps its name. Models that were \
      trained with this program need no trainer.

      Example: nnUNet_change_trainer_class -i 3d_fullres/Task004_Hippocampus/MyTrainer__nnUNetPlansv2.1
      """)

  @Option(
    name: .short, help: .init("The model's folder, which contains the folds.", valueName: "folder"))
  var input: String

  @Option(
    name: .customLong("tr", withSingleDash: true),
    help: .init("The name of the new trainer.", valueName: "name"))
  var trainer = DefaultNames.trainer

  func validate() throws {
    guard trainer.unicodeScalars.first?.isASCIILetter ?? false,
      trainer.unicodeScalars.allSatisfy({ $0.isASCIILetter || $0.isASCIIDigit || $0 == "_" })
    else { throw ValidationError("-tr must be the name of a class, not \(trainer).") }
  }

  func run() throws {
    let reporter = ConsoleReporter()
    let folder = URL(fileURLWithPath: input)
    if let trainer = try ownTrainer(of: folder) {
      return reporter.note(
        "\(folder.path) was trained by this program, whose models need no trainer: there is"
          + " nothing to do. Predict with -tr \(trainer).")
    }
    for url in try V1Model.changeTrainer(inFolder: folder, to: trainer) {
      reporter.note("\(url.path): \(trainer)")
    }
  }

  /// The trainer in the name of a model that this program trained; nil for others.
  private func ownTrainer(of folder: URL) throws -> String? {
    let names = try folderNames(in: folder)
    let isOwn = names.contains { name in
      let fold = FoldFolder(folder.appending(path: name))
      return FoldFolder.Checkpoint.allCases.contains(where: fold.exists)
    }
    let isForeign = names.contains { name in
      !V1Model.checkpoints(inFold: folder.appending(path: name)).isEmpty
    }
    guard isOwn, !isForeign else { return nil }
    return String(folder.lastPathComponent.parts(at: "__", omittingEmpty: false)[0])
  }
}
