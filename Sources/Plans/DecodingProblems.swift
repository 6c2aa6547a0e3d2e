/// What is wrong with the keys of one object, so that all of it is named at once.
struct DecodingProblems {
  private var errors: [DecodingError] = []
  private(set) var rules: [String] = []

  /// What `body` decodes; the substitute, and a problem more, where it fails.
  mutating func collect<Value>(_ substitute: Value, _ body: () throws -> Value) throws -> Value {
    do {
      return try body()
    } catch let error as DecodingError {
      errors.append(error)
      rules.append(Self.text(error))
    } catch let violations as RuleViolations {
      rules += violations.rules
    }
    return substitute
  }

  /// Throws a single problem as it is, and several as ``RuleViolations``.
  func throwIfAny() throws {
    if rules.count == 1, let error = errors.first { throw error }
    guard rules.isEmpty else { throw RuleViolations(rules: rules) }
  }

  private static func text(_ error: DecodingError) -> String {
    switch PlansError.unexpectedContent(path: "", error) {
    case .missingKey(_, let key): "the key \"\(key)\" is missing"
    case .wrongValue(_, let key, let problem): "\"\(key)\": \(problem)"
    default: "\(error)"
    }
  }
}
