import NNUNet

var nnunet = NNUNetProgram()
nnunet.register(loss: "focalTversky", parameters: ["alpha": 0.7, "beta": 0.3, "gamma": 4.0 / 3]) {
  FocalTverskyLoss($0)
}

var recipe = TrainingRecipe(name: "nnUNetTrainerV2_FocalTversky")
recipe.loss = LossRecipe([.init(.registered(name: "focalTversky"))])
nnunet.register(trainer: recipe)

recipe.name = "nnUNetTrainerV2_FocalTverskyCE"
recipe.loss.terms.append(.init(.crossEntropy))
nnunet.register(trainer: recipe)

nnunet.main()
