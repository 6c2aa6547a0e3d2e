import HostSystem

/// A task that the Python nnU-Net v1 prepared and that cannot be imported.
package enum TaskImportError: ExplainedError, Equatable {
  /// The folder has no plans.
  case noPlans(folder: String)
  /// No plans have prepared cases.
  case noCases(folder: String, expected: [String])
  /// The array or the properties of a case contradict its plans.
  case wrongCase(file: String, problem: String)

  package var message: String {
    switch self {
    case .noPlans(let folder):
      "\(folder) contains no plans of nnU-Net v1 (*_plans_3D.pkl, *_plans_2D.pkl)."
    case .noCases(let folder, let expected):
      "\(folder) contains no prepared cases; looked for CASE.npz and CASE.pkl in "
        + expected.joined(separator: ", ") + "."
    case .wrongCase(let file, let problem): "\(file) is not as expected: \(problem)."
    }
  }

  package var hint: String? {
    switch self {
    case .noPlans: "Name the folder of a task, such as nnUNet_preprocessed/Task004_Hippocampus."
    case .noCases: "Run nnUNet_plan_and_preprocess of the Python nnU-Net or of this program."
    case .wrongCase:
      "Prepare the task again with nnUNet_plan_and_preprocess, or remove the case from the folder."
    }
  }
}
