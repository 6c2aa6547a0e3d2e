import HostSystem
import JSON
public import Torch

/// How a network is trained: everything that is not in the plans.
///
/// The trainers that users name on the command line are recipes in a table,
/// ``TrainingRecipe/named(_:or:)``; variants are values, not classes. The recipe of a training is
/// stored in its checkpoints and in the model folder.
public struct TrainingRecipe: Codable, Hashable, Sendable {
  /// The name in model folders.
  public var name: String
  /// The number of epochs.
  public var epochs = 1000
  /// The number of training batches per epoch.
  public var iterationsPerEpoch = 250
  /// The number of validation batches that estimate the Dice after each epoch.
  public var validationIterationsPerEpoch = 50
  /// Samples per batch; nil for the plans' batch size.
  public var batchSize: Int?
  /// The loss of every output of the network.
  public var loss = LossRecipe.diceAndCrossEntropy
  /// Whether Dice is summed over the batch; nil for the configuration's rule.
  public var sumsDiceOverBatch: Bool?
  /// Whether lower resolutions have outputs with their own losses.
  public var usesDeepSupervision = true
  /// The rule that updates the weights.
  public var optimizer = OptimizerRecipe.sgd(momentum: 0.99, nesterov: true)
  /// The momentum of 2D networks where it differs.
  public var momentumIn2D: Double?
  /// How the momentum falls; nil to keep it.
  public var momentumRamp: MomentumRamp?
  /// The weight decay; the optimizer determines how it is applied.
  public var weightDecay = 3e-5
  /// The learning rate of each epoch.
  public var schedule = LearningRateSchedule()
  /// The largest joint norm of all gradients.
  public var gradientNormLimit = 12.0
  /// The precision of convolutions; nil for the fastest type of the device.
  public var precision: Precision?
  /// The fraction of samples that are placed around foreground.
  public var foregroundFraction = 0.33
  /// The transforms that training samples go through.
  public var augmentation = AugmentationVariant.standard
  /// Transforms of packages that are added to the augmentation, by name, in this order.
  public var transforms: [String] = []
  /// The axes that may be mirrored, in training and prediction; nil for all.
  public var mirrorAxes: [Int]?
  /// How a cascade's second network sees the first one's segmentation.
  public var cascade = CascadeRecipe()
  /// The differences from the network of the plans.
  public var network = NetworkOptions()
  /// Regions to train on instead of labels.
  public var regions: [LabelRegion]?
  /// The prediction of whole cases after each epoch; nil for none.
  public var wholeCaseEvaluation: WholeCaseEvaluation?
  /// Whether one batch is made and used for every step, to measure only the network.
  public var usesDummyLoad = false
  /// Whether checkpoints are written and cases validated; off to measure epochs.
  public var keepsResults = true
  /// Whether the final and the best checkpoint are written; those to resume from always are.
  public var savesFinalAndBest = true
  /// The number of epochs between checkpoints for resuming.
  public var epochsPerCheckpoint = 1

  /// Creates a recipe with the settings of nnU-Net v1's default trainer.
  public init(name: String) { self.name = name }

  /// The rates of an epoch, which may depend on the losses of those before.
  func learningRate(epoch: Int, trainingLosses: [Double]) -> Double {
    schedule.rate(epoch: epoch, of: epochs, trainingLosses: trainingLosses)
  }

  /// The momentum of an epoch.
  func momentum(epoch: Int, is2D: Bool) -> Double {
    guard case .sgd(let momentum, _) = optimizer else { return 0 }
    let start = is2D ? momentumIn2D ?? momentum : momentum
    return momentumRamp?.momentum(epoch: epoch, from: start) ?? start
  }
}

/// The rule that updates the weights.
public enum OptimizerRecipe: Codable, Hashable, Sendable {
  /// Stochastic gradient descent.
  case sgd(momentum: Double, nesterov: Bool)
  /// Adam, with the largest second moment so far instead of the current one if `amsgrad` is set.
  case adam(amsgrad: Bool)
  /// RAdam with lookahead.
  case ranger
  /// An optimizer that a package added, with the parameters that differ from the registered ones.
  case registered(name: String, parameters: [String: Double]? = nil)
}

/// A momentum that falls linearly to a lower one.
///
/// Source: nnU-Net v1, `nnUNetTrainerV2_reduceMomentumDuringTraining`, which sets it at the end of
/// an epoch, before the next one is counted: an epoch gets the momentum of the previous one.
public struct MomentumRamp: Codable, Hashable, Sendable {
  package var firstEpoch: Int
  /// The number of epochs of the decrease.
  public var epochs: Int
  package var end: Double

  func momentum(epoch: Int, from start: Double) -> Double {
    let progress = Double(min(max(epoch - 1 - firstEpoch, 0), epochs)) / Double(epochs)
    return start - (start - end) * progress
  }
}

/// Labels that are one region of a network with overlapping outputs.
public struct LabelRegion: Codable, Hashable, Sendable {
  /// Its readable name, such as `whole tumor`.
  public var name: String
  /// The labels that belong to the region.
  public var labels: [Int]
  /// The label of the region's voxels in exports, which replaces those of earlier regions.
  package var exportedAs: Int

  /// Creates a region; where regions overlap, the later one's label is exported.
  public init(name: String, labels: [Int], exportedAs: Int) {
    self.name = name
    self.labels = labels
    self.exportedAs = exportedAs
  }
}

/// How a cascade's training changes the previous segmentation.
public struct CascadeRecipe: Codable, Hashable, Sendable {
  package var morphologyProbability = 0.4
  package var morphologyProbabilityPerLabel = 1.0
  package var largestRadius = 8.0
  package var removalProbability = 0.2
  package var largestCoverage = 0.15
  /// The trainer of the first network, unless the user names one.
  package var previousTrainer = "nnUNetTrainerV2"

  /// The largest ``largestRadius``, in voxels: a ball of it has 4 million.
  static let largestRadiusAllowed = 100.0

  /// Creates the settings of v1's cascade trainer.
  public init() {}
}

/// The options of a network that plans do not contain.
public struct NetworkOptions: Codable, Hashable, Sendable {
  /// The kind of U-Net.
  public var architecture = Architecture.plain
  /// The normalization of the features after each convolution.
  public var normalization = Normalization.instance
  package var activation = Activation.leakyReLU
  /// The slope of leaky ReLUs below 0; initial weights are always drawn for 0.01.
  public var negativeSlope = 0.01
  /// Whether the activation comes before the normalization.
  package var activatesFirst = false
  package var headsHaveBias = false
  /// Whether residual blocks add nothing at first.
  package var startsAsIdentity = false
  package var usesFullKernels = false
  /// nil for the plans' number.
  package var convolutionsPerStage: Int?
  /// nil for the plans' number.
  public var baseFeatures: Int?
  /// The name of a network that a package has added; nil for the `architecture`.
  public var registered: String?

  /// The U-Nets: v1's plain and residual ones, and those of v2, by their class names in v2.
  public enum Architecture: String, Codable, Sendable {
    /// v1's `Generic_UNet` and `FabiansUNet`.
    case plain, residual
    /// v2's U-Net with plain convolutions.
    case plainConvUNet = "PlainConvUNet"
    /// v2's U-Net with residual blocks in the encoder.
    case residualEncoderUNet = "ResidualEncoderUNet"
  }
  /// The kinds of normalization, as recipes store them.
  public enum Normalization: String, Codable, Sendable {
    /// By sample and channel, by channel, by groups of channels, by filter response, or not at all.
    case instance, batch, group, filterResponse, none
  }
  package enum Activation: String, Codable, Sendable { case leakyReLU, relu, gelu, mish }

  /// Creates options that change nothing in the network of the plans.
  public init() {}
}

/// The augmentations by the names of nnU-Net's trainers.
public enum AugmentationVariant: String, Codable, Hashable, Sendable {
  /// That of `nnUNetTrainerV2`.
  case standard
  /// None at all.
  case none = "noDA"
  /// The standard one with a factor for each axis.
  case independentScalePerAxis
  /// A factor for each axis, each angle of volumes with probability one half, and additive
  /// brightness.
  case da2 = "DA2"
  /// Larger changes of everything.
  case da3 = "DA3"
  /// Larger changes of everything, with rotations by up to 90°; for BraTS.
  case da4 = "DA4"
  /// Many transforms, each of them rare.
  case da5 = "DA5"
  /// That of `nnUNetTrainerV2_insaneDA`: strong changes, with elastic deformations.
  case insane = "insaneDA"
  /// That of `nnUNetTrainerV2_MMS`, made for hearts of many scanners.
  case mms = "MMS"
  /// That of v1's first trainer, `nnUNetTrainer`.
  case first = "DA1"
}

extension TrainingRecipe {
  /// Reads a recipe; what an older version did not write has its default.
  public init(from decoder: any Decoder) throws {
    let keys = try decoder.container(keyedBy: CodingKeys.self)
    self.init(name: try keys.decode(String.self, forKey: .name))
    try keys.update(&epochs, .epochs)
    try keys.update(&iterationsPerEpoch, .iterationsPerEpoch)
    try keys.update(&validationIterationsPerEpoch, .validationIterationsPerEpoch)
    try keys.update(&batchSize, .batchSize)
    try keys.update(&loss, .loss)
    try keys.update(&sumsDiceOverBatch, .sumsDiceOverBatch)
    try keys.update(&usesDeepSupervision, .usesDeepSupervision)
    try keys.update(&optimizer, .optimizer)
    try keys.update(&momentumIn2D, .momentumIn2D)
    try keys.update(&momentumRamp, .momentumRamp)
    try keys.update(&weightDecay, .weightDecay)
    try keys.update(&schedule, .schedule)
    try keys.update(&gradientNormLimit, .gradientNormLimit)
    try keys.update(&precision, .precision)
    try keys.update(&foregroundFraction, .foregroundFraction)
    try keys.update(&augmentation, .augmentation)
    try keys.update(&transforms, .transforms)
    try keys.update(&mirrorAxes, .mirrorAxes)
    try keys.update(&cascade, .cascade)
    try keys.update(&network, .network)
    try keys.update(&regions, .regions)
    try keys.update(&wholeCaseEvaluation, .wholeCaseEvaluation)
    try keys.update(&usesDummyLoad, .usesDummyLoad)
    try keys.update(&keepsResults, .keepsResults)
    try keys.update(&savesFinalAndBest, .savesFinalAndBest)
    try keys.update(&epochsPerCheckpoint, .epochsPerCheckpoint)
  }
}

extension NetworkOptions {
  /// Reads options; what an older version did not write has its default.
  public init(from decoder: any Decoder) throws {
    let keys = try decoder.container(keyedBy: CodingKeys.self)
    self.init()
    try keys.update(&architecture, .architecture)
    try keys.update(&normalization, .normalization)
    try keys.update(&activation, .activation)
    try keys.update(&negativeSlope, .negativeSlope)
    try keys.update(&activatesFirst, .activatesFirst)
    try keys.update(&headsHaveBias, .headsHaveBias)
    try keys.update(&startsAsIdentity, .startsAsIdentity)
    try keys.update(&usesFullKernels, .usesFullKernels)
    try keys.update(&convolutionsPerStage, .convolutionsPerStage)
    try keys.update(&baseFeatures, .baseFeatures)
    try keys.update(&registered, .registered)
  }
}

extension CascadeRecipe {
  /// Reads a recipe; what an older version did not write has its default.
  public init(from decoder: any Decoder) throws {
    let keys = try decoder.container(keyedBy: CodingKeys.self)
    self.init()
    try keys.update(&morphologyProbability, .morphologyProbability)
    try keys.update(&morphologyProbabilityPerLabel, .morphologyProbabilityPerLabel)
    try keys.update(&largestRadius, .largestRadius)
    try keys.update(&removalProbability, .removalProbability)
    try keys.update(&largestCoverage, .largestCoverage)
    try keys.update(&previousTrainer, .previousTrainer)
  }
}
