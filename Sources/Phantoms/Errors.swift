import HostSystem

/// A synthetic task that cannot be made.
package enum PhantomError: ExplainedError, Equatable {
  case invalidRecipe(String)
  case invalidName(String)
  case outputExists(path: String)

  package var message: String {
    switch self {
    case .invalidRecipe(let problem): "Cannot make phantoms: \(problem)."
    case .invalidName(let name): "'\(name)' is not a task name."
    case .outputExists(let path): "\(path) already exists."
    }
  }

  package var hint: String? {
    switch self {
    case .invalidRecipe: nil
    case .invalidName: "Give a name such as Task90_Phantoms: Task, a number and a name."
    case .outputExists: "Choose another folder or task, or use --overwrite to replace it."
    }
  }
}
