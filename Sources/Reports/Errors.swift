import HostSystem

/// A report that cannot be made.
package enum ReportError: ExplainedError, Equatable {
  /// A folder that is neither a model nor evaluated.
  case nothingToReport(folder: String)
  case noSuchTarget(String)
  /// A task with nothing but a name.
  case emptyTask(String, lookedIn: [String])
  case noImages(folder: String)
  /// Cases without one of their files.
  case filesMissing([String])
  case noCases(folder: String)
  case noPreparedTask(folder: String, prefix: String)
  case noSuchChannel(Int, count: Int, case: String)
  case differentShapes(case: String, image: [Int], labels: [Int])

  package var message: String {
    switch self {
    case .nothingToReport(let folder):
      "\(folder) is neither a model (there is no fold_0 and no all) nor an evaluated folder (there is "
        + "no summary.json)."
    case .noSuchTarget(let text): "There is no task and no folder '\(text)'."
    case .emptyTask(let task, let folders):
      "\(task) has no plans, models or results in\n"
        + folders.map { "  \($0)" }.joined(separator: "\n")
    case .noImages(let folder): "There is no folder of images \(folder)."
    case .filesMissing(let files):
      "\(countText(files.count, "file is", "files are")) missing:\n"
        + files.prefix(10).map { "  \($0)" }.joined(separator: "\n")
        + (files.count > 10 ? "\n  …" : "")
    case .noCases(let folder): "\(folder) contains no cases."
    case .noPreparedTask(let folder, let prefix):
      "There are no prepared cases (\(prefix)_stage…) in \(folder)."
    case .noSuchChannel(let channel, let count, let name):
      "There is no channel \(channel): \(name) has \(count) (0 to \(count - 1))."
    case .differentShapes(let name, let image, let labels):
      "The image of \(name) has \(sizeText(image)) voxels, its labels \(sizeText(labels))."
    }
  }

  package var hint: String? {
    switch self {
    case .nothingToReport:
      "A model is …/CONFIGURATION/TASK/TRAINER__PLANS. For predictions with references, run "
        + "nnUNet_evaluate_folder -ref REFERENCES -pred FOLDER -l 1 2 first."
    case .noSuchTarget:
      "Give a task's id or name, a model's folder, or a folder with predictions and summary.json."
    case .emptyTask:
      "Run nnUNet_plan_and_preprocess -t ID, or check the variables of the three folders."
    case .noImages: "Give the folder with CASE_0000.nii.gz, …"
    case .filesMissing: "Each case of labelsTr needs its image CASE_000C.nii.gz in imagesTr."
    case .noPreparedTask: "Run nnUNet_plan_and_preprocess first, or give --use_raw."
    case .noCases: "Check the variables of the folders with nnUNet_doctor."
    case .noSuchChannel: nil
    case .differentShapes: "Run nnUNet_plan_and_preprocess --verify_dataset_integrity."
    }
  }
}
