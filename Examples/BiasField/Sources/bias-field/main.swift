import NNUNet

var nnunet = NNUNetProgram()
nnunet.register(transform: "biasField") { training in
  // Computed tomography has no coils.
  BiasField(channels: ["T1", "T2", "FLAIR", "PD", "MRI"].flatMap(training.channels(named:)))
}

var recipe = TrainingRecipe(name: "nnUNetTrainerV2_BiasField")
recipe.transforms = ["biasField"]
nnunet.register(trainer: recipe)

nnunet.main()
