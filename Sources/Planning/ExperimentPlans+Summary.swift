import HostSystem
import Plans

extension ExperimentPlans {
  /// A summary of plans for users, one line for each network.
  var summary: [String] {
    stages.sorted { $0.key < $1.key }.map { key, stage in
      let configuration: Configuration =
        stage.patchSize.count == 2
        ? .twoD : key + 1 < stages.count ? .lowResolution : .fullResolution
      let spacing = NumberText.short(stage.spacing)
      return "\(configuration.rawValue): patch \(sizeText(stage.patchSize)),"
        + " batch \(stage.batchSize), spacing \(spacing) mm,"
        + " median case \(sizeText(stage.medianSize)) voxels"
    }
  }
}
