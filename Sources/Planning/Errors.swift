import Arrays
public import HostSystem
import Plans

/// A dataset that cannot be planned.
public enum PlanningError: ExplainedError, Equatable {
  /// The fingerprint has no cases.
  case noCases
  /// The fingerprint has no label above 0.
  case noForegroundLabels
  /// A fingerprint lists sizes and spacings of different numbers of cases.
  case unequalCounts(sizes: Int, spacings: Int)
  /// A size other than three positive numbers.
  case invalidSize([Int])
  /// A spacing other than three positive numbers.
  case invalidSpacing([Double])
  /// A case that would have more voxels at the target spacing than fit on any machine.
  case impossibleSize(case: String?, size: [Int], spacing: [Double], target: [Double])
  /// A label that does not fit into eight bits.
  case tooLargeLabels([Int])
  /// A CT dataset without a single foreground voxel.
  case noForegroundVoxels
  /// The task has no folder of raw data.
  case noRawTask(folder: String)
  /// The task has no dataset.json.
  case noDescription(file: String)
  /// Training cases that have no crop.
  case missingCrops(folder: String, cases: [String])
  /// What verification found; at least one is an error.
  case verificationFailed([VerificationFinding])
  /// No planner has the name.
  case unknownPlanner(name: String, known: [String])
  /// Plans of another dataset that cannot be used for this one.
  case foreignPlansDoNotFit(file: String, problem: String)
  /// The Python nnU-Net v1 prepared this task; it would mistake our cases for its own.
  case preparedByV1(folder: String, files: [String])
  /// The task has no plans.
  case noPlans(folder: String)

  /// The problem with the dataset or the request, naming the case, file or value.
  public var message: String {
    switch self {
    case .noCases: "The dataset has no training cases."
    case .noForegroundLabels: "The dataset has no labels above 0."
    case .unequalCounts(let sizes, let spacings):
      "The fingerprint has \(sizes) sizes, but \(spacings) spacings."
    case .invalidSize(let size):
      "A case has the size \(size), but must have three positive numbers."
    case .invalidSpacing(let spacing):
      "A case has the spacing \(spacing) mm, but must have three positive numbers."
    case .impossibleSize(let name, let size, let spacing, let target):
      "\(name ?? "A case") of \(sizeText(size)) voxels of \(spacing) mm would have more than"
        + " \(ArrayLimits.voxels) voxels at the target spacing \(target) mm."
    case .tooLargeLabels(let labels):
      "The dataset has the label\(labels.count == 1 ? "" : "s")"
        + " \(labels.map(String.init).joined(separator: ", ")); the largest possible is"
        + " \(DatasetDescription.largestLabel)."
    case .noForegroundVoxels:
      "No voxel of any case has a label above 0, so there are no statistics of the CT intensities."
    case .noRawTask(let folder): "There is no raw task in \(folder): no such folder."
    case .noDescription(let file): "There is no \(file)."
    case .missingCrops(let folder, let cases):
      "These training cases have no crop in \(folder): \(cases.joined(separator: ", "))."
    case .verificationFailed(let findings):
      "The dataset has \(VerificationFinding.count(findings)):"
        + VerificationFinding.report(findings)
    case .unknownPlanner(let name, _): "There is no planner '\(name)'."
    case .foreignPlansDoNotFit(let file, let problem):
      "The plans in \(file) cannot be used for this dataset: \(problem)."
    case .preparedByV1(let folder, let files):
      "\(folder) was prepared by the Python nnU-Net v1: \(files.joined(separator: ", "))."
    case .noPlans(let folder): "There are no plans in \(folder)."
    }
  }

  /// What the user can do about it.
  public var hint: String? {
    switch self {
    case .noCases: "List the cases under \"training\" in dataset.json."
    case .noForegroundLabels: "List the labels in dataset.json: {\"0\": \"background\", \"1\": …}."
    case .unequalCounts: "Delete dataset_properties.json and plan again."
    case .invalidSize, .invalidSpacing: "Correct the image's header."
    case .impossibleSize:
      "Check the spacing in the image's header, which is in mm, and --target-spacing if you gave it."
    case .tooLargeLabels: "Renumber the labels without gaps in dataset.json and in the images."
    case .noForegroundVoxels: "Check the label files."
    case .noRawTask:
      "Check the name. To convert a task of the Medical Segmentation Decathlon, use"
        + " nnUNet_convert_decathlon_task."
    case .noDescription:
      "Every task needs a dataset.json next to imagesTr and labelsTr. It names the task's channels, labels"
        + " and cases."
    case .missingCrops:
      "An earlier run may have been stopped while cropping; run the command again."
    case .verificationFailed: "Correct the dataset, then run the command again."
    case .foreignPlansDoNotFit:
      "Use the 3D plans of a dataset with the same channels in the same order."
    case .preparedByV1(let folder, _):
      "nnUNet_import_v1_preprocessed -i \(folder) imports it, and cases, plans and folds stay the same. "
        + "To plan again, set nnUNet_preprocessed to another folder or move this one away."
    case .noPlans: "Run nnUNet_plan_and_preprocess, or give the name of the plans with -p."
    case .unknownPlanner(_, let known):
      "The planners are \(known.joined(separator: ", ")), or None to plan nothing."
    }
  }
}
