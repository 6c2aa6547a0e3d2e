import Plans
import Preprocessing
import Testing
import Training

@testable import Commands
@testable import Planning

@Suite struct NNUNetProgramTests {
  @Test func namesMustBeNew() {
    var program = NNUNetProgram()
    program.register(trainer: TrainingRecipe(name: "nnUNetTrainerV2_Mine"))
    program.register(transform: "mine") { _ in fatalError("never made") }
    program.register(preprocessor: "Mine", PreprocessingRule())
    program.register(normalization: "mine") { _, _ in }
    program.register(planner: .variant("Mine", plans: "nnUNetPlans_mine") { _ in })
    // The 2D plans are other files.
    program.register(
      planner: .variant(of: .version21In2D, "Mine2D", plans: "nnUNetPlans_mine") { _ in })
    #expect(program.extensions.problems.isEmpty)
    program.register(trainer: TrainingRecipe(name: "nnUNetTrainerV2_Mine"))
    program.register(trainer: TrainingRecipe(name: "nnUNetTrainerV2"))
    program.register(trainer: TrainingRecipe(name: "a__b"))
    program.register(transform: "mine") { _ in fatalError("never made") }
    program.register(preprocessor: "GenericPreprocessor", PreprocessingRule())
    program.register(normalization: "CT") { _, _ in }
    program.register(planner: .variant("Other", plans: "nnUNetPlansv2.1") { _ in })
    let problems = program.extensions.problems
    #expect(
      problems == [
        "There are two trainers nnUNetTrainerV2_Mine.", "There are two trainers nnUNetTrainerV2.",
        "\"a__b\" cannot be the name of a trainer, since folders are named after it.",
        "There are two transforms mine.", "There are two preprocessors GenericPreprocessor.",
        "There are two normalizations CT.", "There are two plans identifiers nnUNetPlansv2.1.",
      ])
    let shell = Shell(arguments: ["mine"], commands: .all, extensions: program.extensions)
    #expect(shell.run() == Shell.usageError)
  }
}
