import HostSystem
package import Networks
package import Plans

/// What nnU-Net v2 needs to know about one of our models: `plans.json`, `dataset.json` and the
/// fingerprint are written from it.
package struct V2Description: Sendable {
  /// A label or a region, by its name in `dataset.json`.
  package struct Label: Hashable, Sendable {
    package var name: String
    /// The labels in a region; one for a label.
    package var values: [Int]

    package init(name: String, values: [Int]) {
      self.name = name
      self.values = values
    }
  }

  /// The dataset's name in v2, such as `Dataset004_Hippocampus`.
  package let dataset: String
  /// The name of the plans, which is part of the model folder's name.
  package let plansName: String
  package let configuration: Configuration
  package let plans: ExperimentPlans
  package let stage: StagePlan
  package let network: DynamicUNetConfiguration
  /// Whether Dice is summed over the batch.
  package let sumsDiceOverBatch: Bool
  /// Labels or regions without the background, in the order of the outputs.
  package let labels: [Label]
  /// The labels of the regions in the order of the outputs; nil for labels.
  package let regionsClassOrder: [Int]?

  /// Describes a model.
  ///
  /// - Parameters:
  ///   - task: The task's name here, such as `Task004_Hippocampus`.
  ///   - plansName: The name of the plans.
  ///   - configuration: The configuration that was trained.
  ///   - plans: The plans that it was trained with.
  ///   - stage: The stage of the plans.
  ///   - architecture: The network as it was trained.
  ///   - sumsDiceOverBatch: Whether Dice is summed over the batch.
  ///   - labels: Labels or regions without the background, in the order of the outputs.
  ///   - regionsClassOrder: The labels of the regions; nil for labels.
  ///   - model: The model's folder, for errors.
  /// - Throws: ``ExchangeError/unknownToV2(model:detail:)`` if v2 would not make the same
  ///   segmentations of the same images.
  package init(
    task: String, plansName: String, configuration: Configuration, plans: ExperimentPlans,
    stage: StagePlan, architecture: NetworkArchitecture, sumsDiceOverBatch: Bool,
    labels: [Label], regionsClassOrder: [Int]?, model: String
  ) throws(ExchangeError) {
    func refused(_ detail: String) -> ExchangeError { .unknownToV2(model: model, detail: detail) }
    guard plans.convention == .v2 else {
      throw refused("its images were prepared by \(plans.preprocessorName), as in v1")
    }
    guard case .dynamicUNet(let network) = architecture else {
      throw refused("its network belongs to v1")
    }
    guard network.normalization == .instance else {
      throw refused("its network does not normalize each sample separately")
    }
    guard plans.exportParameters == nil else {
      throw refused("its plans resample probabilities in their own way")
    }
    for (channel, scheme) in plans.normalizationSchemes.sorted(by: { $0.key < $1.key })
    where Self.schemeNames[scheme] == nil {
      throw refused("channel \(channel) is normalized as \(scheme.rawValue)")
    }
    let values = Set(labels.flatMap(\.values)).sorted()
    guard values == Array(1..<values.count + 1), !values.isEmpty else {
      throw refused("its labels are not 1, 2, 3, …, but \(values)")
    }
    (dataset, self.plansName) = (Self.datasetName(ofTask: task), plansName)
    (self.configuration, self.plans, self.stage) = (configuration, plans, stage)
    (self.network, self.sumsDiceOverBatch) = (network, sumsDiceOverBatch)
    (self.labels, self.regionsClassOrder) = (Self.distinct(labels), regionsClassOrder)
  }

  /// `Task004_Hippocampus` is `Dataset004_Hippocampus` in v2.
  static func datasetName(ofTask task: String) -> String {
    "Dataset" + (task.dropping(prefix: "Task") ?? task[...])
  }

  /// Unique names that have no special meaning in v2.
  private static func distinct(_ labels: [Label]) -> [Label] {
    var seen: Set = ["background", "ignore"]
    return labels.map { label in
      var name = label.name
      while !seen.insert(name).inserted { name += "_\(label.values[0])" }
      return Label(name: name, values: label.values)
    }
  }

  /// The folder of the model, inside the dataset's folder.
  package func folderName(trainer: String) -> String {
    "\(trainer)__\(plansName)__\(configuration.rawValue)"
  }
}
