import Commands

NNUNetProgram().main()
