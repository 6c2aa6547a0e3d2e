import Foundation
import HostSystem
public import Networks
public import Planning
import Plans
public import Preprocessing
import TrainedModels
public import Training

/// The command line program: all `nnUNet_*` commands, with what a package adds to them.
///
/// ```swift
/// import NNUNet
///
/// var nnunet = NNUNetProgram()
/// nnunet.register(loss: "myLoss") { context in MyLoss(batch: context.batch) }
/// var recipe = TrainingRecipe(name: "nnUNetTrainerV2_MyLoss")
/// recipe.loss = LossRecipe([.init(.registered(name: "myLoss", parameters: [:]))])
/// nnunet.register(trainer: recipe)
/// nnunet.main()
/// ```
///
/// Names must be new: a name that nnU-Net or the package already uses is an error when the program
/// starts. See `Guides/Extending.md`.
public struct NNUNetProgram: Sendable {
  var extensions = Extensions()

  /// Creates the original program.
  public init() {}

  /// Runs the command that the arguments name and ends the process with its status.
  ///
  /// - Parameter arguments: The arguments of the process, with the program's name first.
  public func main(arguments: [String] = CommandLine.arguments) -> Never {
    // A closed pipe is no reason to end.
    signal(SIGPIPE, SIG_IGN)
    // Reaching the limit of `ulimit -f` is a write error, like a full disk.
    signal(SIGXFSZ, SIG_IGN)
    ParentWatch.begin(ProgramEnvironment().parent)
    exit(Shell(arguments: arguments, commands: .all, extensions: extensions).run())
  }
}

// MARK: - Training

extension NNUNetProgram {
  /// Adds a trainer: a recipe whose name users pass to `nnUNet_train`.
  public mutating func register(trainer recipe: TrainingRecipe) {
    let known = TrainingRecipe.all + extensions.training.recipes
    extensions.check("trainer", recipe.name, isTaken: known.contains { $0.name == recipe.name })
    extensions.training.recipes.append(recipe)
  }

  /// Adds a loss, for terms of the kind `registered` in recipes.
  ///
  /// - Parameters:
  ///   - name: Its name in recipes.
  ///   - parameters: The numbers that recipes may set, with their defaults.
  ///   - make: Makes the loss; called with every batch.
  public mutating func register(
    loss name: String, parameters: [String: Double] = [:],
    make: @escaping @Sendable (LossContext) -> any SegmentationLoss
  ) {
    extensions.check("loss", name, isTaken: extensions.training.losses[name] != nil)
    extensions.training.losses[name] = RegisteredLoss(parameters: parameters, make: make)
  }

  /// Adds an optimizer, for `optimizer` of recipes.
  ///
  /// - Parameters:
  ///   - name: Its name in recipes.
  ///   - parameters: The numbers that recipes may set, with their defaults.
  ///   - make: Makes the optimizer of a network.
  public mutating func register(
    optimizer name: String, parameters: [String: Double] = [:],
    make: @escaping @Sendable (OptimizerContext) -> any Optimizer
  ) {
    extensions.check("optimizer", name, isTaken: extensions.training.optimizers[name] != nil)
    extensions.training.optimizers[name] = RegisteredOptimizer(parameters: parameters, make: make)
  }

  /// Adds an augmentation, for the list `transforms` of recipes.
  public mutating func register(transform name: String, make: @escaping TransformMaker) {
    extensions.check("transform", name, isTaken: extensions.training.transforms[name] != nil)
    extensions.training.transforms[name] = make
  }
}

// MARK: - Networks

extension NNUNetProgram {
  /// Adds a network, for `network.registered` of recipes.
  public mutating func register(network name: String, make: @escaping NetworkTable.Maker) {
    checkNetwork(name)
    extensions.training.model.networks.register(name, make)
  }

  /// Adds nnU-Net's U-Net with a different block, for `network.registered` of recipes.
  public mutating func register(network name: String, block: any UNetBlock.Type) {
    checkNetwork(name)
    extensions.training.model.networks.register(name, block: block)
  }

  private mutating func checkNetwork(_ name: String) {
    extensions.check(
      "network", name, isTaken: extensions.training.model.networks.names.contains(name))
  }
}

// MARK: - Planning and preprocessing

extension NNUNetProgram {
  /// Adds a planner, for `-pl3d` and `-pl2d` of `nnUNet_plan_and_preprocess`.
  ///
  /// It needs its own plans identifier; otherwise, its plans would overwrite those of another
  /// planner.
  public mutating func register(planner: ExperimentPlanner) {
    let known = ExperimentPlanner.all + extensions.planners
    extensions.check("planner", planner.name, isTaken: known.contains { $0.name == planner.name })
    extensions.check(
      "plans identifier", planner.plansIdentifier,
      isTaken: known.contains {
        $0.plansIdentifier == planner.plansIdentifier && $0.spatialRank == planner.spatialRank
      })
    extensions.planners.append(planner)
  }

  /// Adds a preprocessor, for the `preprocessorName` of planners.
  public mutating func register(preprocessor name: String, _ rule: PreprocessingRule) {
    let isTaken =
      extensions.training.model.preprocessing.rules[name] != nil
      || PreprocessingRule.namesOfNNUNet.contains(name)
    extensions.check("preprocessor", name, isTaken: isTaken)
    extensions.training.model.preprocessing.rules[name] = rule
  }

  /// Adds a normalization, for the `normalizationScheme` of planners.
  public mutating func register(
    normalization name: String, _ normalize: @escaping ChannelNormalization
  ) {
    let isTaken =
      extensions.training.model.preprocessing.normalizations[name] != nil
      || NormalizationScheme.ofNNUNet.contains { $0.rawValue == name }
    extensions.check("normalization", name, isTaken: isTaken)
    extensions.training.model.preprocessing.normalizations[name] = normalize
  }
}
