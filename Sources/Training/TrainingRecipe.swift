import Torch

/// How a network is trained: everything that is not in the plans.
///
/// The trainers that users name on the command line are recipes in a table,
/// ``TrainingRecipe/named(_:)``; variants are values, not classes.
public struct TrainingRecipe: Hashable, Sendable {
  /// The name that model folders carry.
  public var name: String
  public var epochs = 1000
  public var iterationsPerEpoch = 250
  public var validationIterationsPerEpoch = 50
  /// Samples per batch; nil for the plans' batch size.
  public var batchSize: Int?
  public var schedule = PolynomialSchedule()
  public var momentum = 0.99
  public var weightDecay = 3e-5
  public var usesNesterov = true
  /// The largest joint norm of all gradients.
  public var gradientNormLimit = 12.0
  /// The fraction of samples that are placed around foreground.
  public var foregroundFraction = 0.33
  /// How many epochs pass between checkpoints from which a run resumes.
  public var epochsPerCheckpoint = 1
  /// Whether the final and the best checkpoint are written; those to resume from always are.
  public var savesFinalAndBest = true

  /// Creates a recipe with the settings of nnU-Net v1's default trainer.
  public init(name: String) { self.name = name }

  /// All recipes, by the names that users type.
  public static let all: [TrainingRecipe] = [TrainingRecipe(name: "nnUNetTrainerV2")]

  /// The recipe with a trainer's name.
  ///
  /// - Throws: ``TrainingError/unknownTrainer(name:known:)``.
  public static func named(_ name: String) throws(TrainingError) -> TrainingRecipe {
    guard let recipe = all.first(where: { $0.name == name }) else {
      throw .unknownTrainer(name: name, known: all.map(\.name))
    }
    return recipe
  }

  /// The optimizer's settings in an epoch.
  func optimizerOptions(epoch: Int) -> SGDOptions {
    SGDOptions(
      learningRate: schedule.rate(epoch: epoch, of: epochs), momentum: momentum,
      weightDecay: weightDecay, usesNesterov: usesNesterov)
  }
}
