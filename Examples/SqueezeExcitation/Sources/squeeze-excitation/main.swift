import NNUNet

var nnunet = NNUNetProgram()
nnunet.register(network: "squeezeExcitation", block: SqueezeExcitationBlock.self)

var recipe = TrainingRecipe(name: "nnUNetTrainerV2_SqueezeExcitation")
recipe.network.registered = "squeezeExcitation"
nnunet.register(trainer: recipe)

nnunet.main()
