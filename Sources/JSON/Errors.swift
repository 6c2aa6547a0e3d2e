import HostSystem

/// A JSON file that does not contain what was expected.
package enum JSONError: ExplainedError, Equatable {
  /// The text is not JSON; lines and columns count from 1.
  case noJSON(path: String, line: Int, column: Int, reason: String)
  /// A key is missing.
  case missingKey(path: String, key: String)
  /// A key has a value of another kind than expected.
  case wrongValue(path: String, key: String, problem: String)
  /// The values contradict each other or leave their ranges; all violated rules are named.
  case rulesViolated(path: String, rules: [String])

  package var message: String {
    switch self {
    case .noJSON(let path, let line, let column, let reason):
      "\(path) is not valid JSON: line \(line), column \(column): \(reason)."
    case .missingKey(let path, let key): "\(path) lacks the key \"\(key)\"."
    case .wrongValue(let path, let key, let problem):
      "\(path) has an invalid value for \"\(key)\": \(problem)."
    case .rulesViolated(let path, let rules):
      "\(path) is not valid:" + rules.map { "\n  - \($0)" }.joined()
    }
  }

  package var hint: String? {
    switch self {
    case .noJSON: "The file may be incomplete. Correct it or create it again."
    // The one file that users write by hand.
    case .missingKey(let path, let key)
    where ["modality", "labels"].contains(key) && "/\(path)".ends(with: "/dataset.json"):
      "The dataset.json of a task must be in the format of nnU-Net v1: \"modality\": {\"0\": \"MRI\"}, "
        + "\"labels\": {\"0\": \"background\", \"1\": \"tumor\"}."
    case .missingKey, .wrongValue, .rulesViolated: "Correct the file or create it again."
    }
  }

  static func unexpectedContent(path: String, _ error: DecodingError) -> JSONError {
    switch error {
    case .keyNotFound(let key, let context):
      return .missingKey(path: path, key: keyPath(context.codingPath + [key]))
    case .typeMismatch(_, let context), .valueNotFound(_, let context),
      .dataCorrupted(let context):
      return .wrongValue(
        path: path, key: keyPath(context.codingPath), problem: context.debugDescription)
    @unknown default:
      return .wrongValue(path: path, key: "", problem: "\(error)")
    }
  }

  private static func keyPath(_ path: [any CodingKey]) -> String {
    path.map(\.stringValue).joined(separator: ".")
  }
}

/// Rules that a decoded value breaks; ``JSONFile`` adds the file's path.
package struct RuleViolations: Error {
  package var rules: [String]

  package init(rules: [String]) { self.rules = rules }
}
