import HostSystem

/// A checkpoint that cannot be used.
package enum CheckpointError: ExplainedError, Equatable {
  case notSafetensors(path: String, reason: String)
  case missingParameter(name: String)
  case surplusParameter(name: String)
  case shapeMismatch(name: String, found: [Int], expected: [Int])
  case unsupportedType(path: String, name: String, type: String)
  /// The optimizer's number of steps is not a count.
  case badStepCount(name: String)

  package var message: String {
    switch self {
    case .notSafetensors(let path, let reason): "\(path) is not a valid checkpoint: \(reason)."
    case .missingParameter(let name): "The checkpoint has no parameter \(name)."
    case .surplusParameter(let name):
      "The checkpoint has a parameter \(name) that the network does not have."
    case .shapeMismatch(let name, let found, let expected):
      "Parameter \(name) has shape \(found) in the checkpoint, \(expected) in the network."
    case .unsupportedType(let path, let name, let type):
      "\(path): parameter \(name) has type \(type); only F32 is read."
    case .badStepCount(let name):
      "The checkpoint's \(name) is not a number of steps."
    }
  }

  package var hint: String? {
    switch self {
    case .notSafetensors, .badStepCount:
      "The file may be damaged or from another program; use an earlier checkpoint of the run."
    case .missingParameter, .surplusParameter, .shapeMismatch:
      "The checkpoint was made with other plans, or with another architecture."
    case .unsupportedType: "Save the weights as 32-bit floats."
    }
  }
}

/// A network that cannot be built.
package enum NetworkError: ExplainedError, Equatable {
  /// A recipe or a model names a network that no package added to this program.
  case notRegistered(name: String, known: [String])

  package var message: String {
    switch self {
    case .notRegistered(let name, let known):
      "There is no network \(name) in this program, "
        + (known.isEmpty
          ? "which has only those of nnU-Net." : "only \(known.joined(separator: ", ")).")
    }
  }

  package var hint: String? {
    "Run the command with the program of the package that registers it; see Guides/Extending.md."
  }
}
