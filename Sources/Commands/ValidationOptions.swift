import ArgumentParser
import Inference
import Plans
import Training

/// How the validation cases are predicted after the training.
struct ValidationOptions: ParsableArguments {
  @Option(
    name: .customLong("val_folder"),
    help: .init("The name of the folder for the predictions.", valueName: "name"))
  var folder = DefaultNames.validationFolder

  @Flag(
    name: .customLong("disable_validation_inference"), help: "Do not validate after training.")
  var isDisabled = false

  @Flag(
    name: .customLong("val_disable_overwrite"),
    help: "Keep existing predictions of validation cases.")
  var keepsExisting = false

  @Flag(
    name: .customLong("disable_postprocessing_on_folds"),
    help: "Do not determine a postprocessing from the fold's validation.")
  var disablesPostprocessing = false

  @Flag(
    name: .customLong("npz"),
    help:
      "Also write the probabilities of validation cases, for nnUNet_ensemble and other commands.")
  var savesProbabilities = false

  func makeValidation(of setup: TrainingSetup, threads: Int) -> FinalValidation? {
    guard !isDisabled else { return nil }
    var validation = FinalValidation(setup: setup, threads: threads)
    validation.folderName = folder
    validation.overwrites = !keepsExisting
    validation.options.savesProbabilities = savesProbabilities
    return validation
  }
}
