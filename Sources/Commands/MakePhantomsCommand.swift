import ArgumentParser
import Foundation
import HostSystem
import Phantoms

/// `nnUNet_make_phantoms`: writes a synthetic task to try things out.
struct MakePhantomsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "nnUNet_make_phantoms",
    abstract: "Make a task of synthetic images to try things out.",
    discussion: """
      Writes FOLDER/TaskXX_NAME in the layout of the Medical Segmentation Decathlon, for \
      nnUNet_convert_decathlon_task; labelsTs contains the true labels of the test cases. The same \
      options make the same files.

      Example: nnUNet_make_phantoms -o data --contrast ct -n 20 --anisotropic
      """)

  @Option(
    name: .customShort("o"),
    help: .init("The folder in which to create the task's folder.", valueName: "folder"))
  var output: String

  @Option(
    name: [.customShort("t"), .customLong("task_id")],
    help: .init("The id of the task.", valueName: "id"))
  var taskID = 90

  @Option(name: .customLong("name"), help: .init("The name of the task.", valueName: "name"))
  var name = "Phantoms"

  @Option(
    name: [.customShort("n"), .customLong("training")],
    help: .init("The number of training cases.", valueName: "n"))
  var trainingCount = 40

  @Option(
    name: .customLong("test"), help: .init("The number of test cases.", valueName: "n"))
  var testCount = 8

  @Option(
    name: .customLong("contrast"),
    help: .init(
      "mr: a curved organ with two parts in a head; ct: an organ with lesions in an abdomen.",
      valueName: "mr|ct"),
    transform: Self.contrast)
  var contrast = PhantomRecipe.Contrast.mr

  @Option(
    name: .customLong("channels"),
    help: .init("Channels per case, 1 to 4; more than one makes 4D images.", valueName: "n"))
  var channelCount = 1

  @Option(
    name: .customLong("size"), parsing: .upToNextOption,
    help: .init(
      "Voxels along z, y and x; cases vary by up to 10 %. Default: 40 56 40 (ct: 40 40 56).",
      valueName: "n"))
  var size: [Int] = []

  @Option(
    name: .customLong("spacing"), parsing: .upToNextOption,
    help: .init("Millimetres along z, y and x. Default: 1 1 1.", valueName: "mm"))
  var spacing: [Double] = []

  @Flag(
    name: .customLong("anisotropic"),
    help: "Thick slices: a quarter as many slices, four times as far apart.")
  var isAnisotropic = false

  @Option(
    name: .customLong("noise"),
    help: .init("The strength of the noise; 0 is none.", valueName: "factor"))
  var noise = 1.0

  @Option(name: .customLong("seed"), help: .init("The random seed.", valueName: "n"))
  var seed: UInt64 = 1

  @Option(
    name: .customShort("p"),
    help: .init("Cases to make at once. Default: all processors.", valueName: "n"))
  var threads: Int?

  @Flag(name: .customLong("overwrite"), help: "Replace a task that already exists.")
  var overwrites = false

  func validate() throws {
    if let threads, threads < 1 { throw ValidationError("-p must be at least 1, not \(threads).") }
    guard (0...999).contains(taskID) else {
      throw ValidationError("--task_id must be in 0...999, not \(taskID).")
    }
    for (option, count) in [("--size", size.count), ("--spacing", spacing.count)]
    where count != 0 && count != 3 {
      throw ValidationError("\(option) takes three numbers, not \(count): z, y and x.")
    }
  }

  func run() throws {
    let environment = ProgramEnvironment()
    let reporter = ConsoleReporter()
    let task = try makePhantomTask(
      recipe, name: taskName, in: URL(fileURLWithPath: output), overwrites: overwrites,
      threads: try threads ?? environment.defaultThreadCount, reporter: reporter)
    ClosingLines(
      "made \(countText(recipe.trainingCount, "training case")) and"
        + " \(countText(recipe.testCount, "test case")) in \(task.path)",
      next: "nnUNet_convert_decathlon_task -i \(QuotedText.shellWord(task.path))"
    ).print(to: reporter, in: environment)
  }

  private var recipe: PhantomRecipe {
    let recipe = PhantomRecipe(
      contrast: contrast, channelCount: channelCount, trainingCount: trainingCount,
      testCount: testCount, size: size.isEmpty ? nil : size,
      spacing: spacing.isEmpty ? [1, 1, 1] : spacing, noise: noise, seed: seed)
    return isAnisotropic ? recipe.anisotropic : recipe
  }

  /// `Task90_Phantoms`: at least two digits, as in the Decathlon.
  private var taskName: String { "Task\(taskID < 10 ? "0" : "")\(taskID)_\(name)" }

  private static func contrast(named name: String) throws -> PhantomRecipe.Contrast {
    guard let contrast = PhantomRecipe.Contrast(rawValue: name.lowercased()) else {
      throw ValidationError("--contrast is mr or ct, not \(name).")
    }
    return contrast
  }
}
