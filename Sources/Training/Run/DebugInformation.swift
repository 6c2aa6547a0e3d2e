import Foundation
import HostSystem
import Networks
import Plans
import Torch

/// The content of `debug.json`: the settings of a fold's training.
///
/// The keys are those of nnU-Net v1 where it has them; values are JSON rather than Python's text.
struct DebugInformation: Codable, Hashable {
  var task: String
  var configuration: String
  var fold: String
  var stage: Int
  var stagePlan: StagePlan
  var batchSize: Int
  var patchSize: [Int]
  var batchDice: Bool
  var classCount: Int
  var outputFolder: String
  var datasetDirectory: String
  var preparedFolder: String
  var trainingCases: [String]
  var validationCases: [String]
  var recipe: TrainingRecipe
  var network: NetworkArchitecture
  var device: String
  var precision: String
  var seed: UInt64
  var augmentationThreads: Int
  var computingThreads: Int?
  var processor: String
  var processorCount: Int
  var memoryInBytes: UInt64
  var operatingSystem: String
  var began: String

  enum CodingKeys: String, CodingKey {
    case task, configuration, fold, stage, recipe, network, device, precision, seed, processor
    case stagePlan = "stage_plan"
    case batchSize = "batch_size"
    case patchSize = "patch_size"
    case batchDice = "batch_dice"
    case classCount = "num_classes"
    case outputFolder = "output_folder"
    case datasetDirectory = "dataset_directory"
    case preparedFolder = "folder_with_preprocessed_data"
    case trainingCases = "training_cases"
    case validationCases = "validation_cases"
    case augmentationThreads = "augmentation_threads"
    case computingThreads = "computing_threads"
    case processorCount = "processor_count"
    case memoryInBytes = "memory_in_bytes"
    case operatingSystem = "operating_system"
    case began
  }

  init(_ setup: TrainingSetup) {
    let process = ProcessInfo.processInfo
    task = setup.task
    configuration = setup.configuration.rawValue
    fold = setup.fold.folderName
    stage = setup.stage
    stagePlan = setup.stagePlan
    batchSize = setup.batchSize
    patchSize = setup.stagePlan.patchSize
    batchDice = setup.sumsDiceOverBatch
    classCount = setup.classCount
    outputFolder = setup.foldFolder.url.path
    datasetDirectory = setup.preprocessedTask.path
    preparedFolder = setup.preparedFolder.path
    trainingCases = setup.split.training
    validationCases = setup.split.validation
    recipe = setup.recipe
    network = setup.network
    device = "\(setup.device)"
    precision = setup.precision.rawValue
    seed = setup.seed
    augmentationThreads = setup.augmentationThreads
    computingThreads = setup.computingThreads
    processor = processorName()
    processorCount = process.activeProcessorCount
    memoryInBytes = process.physicalMemory
    operatingSystem = process.operatingSystemVersionString
    began = Date().formatted(.iso8601)
  }
}
