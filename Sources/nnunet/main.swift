print("nnunet")
