/// The problems with the keys of one object, so that all of them are reported at once.
package struct DecodingProblems {
  private var errors: [DecodingError] = []
  package private(set) var rules: [String] = []

  package init() {}

  /// The value that `body` decodes; if it fails, the substitute, and a problem is added.
  package mutating func collect<Value>(_ substitute: Value, _ body: () throws -> Value) throws
    -> Value
  {
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
  package func throwIfAny() throws {
    if rules.count == 1, let error = errors.first { throw error }
    guard rules.isEmpty else { throw RuleViolations(rules: rules) }
  }

  private static func text(_ error: DecodingError) -> String {
    switch JSONError.unexpectedContent(path: "", error) {
    case .missingKey(_, let key): "the key \"\(key)\" is missing"
    case .wrongValue(_, let key, let problem): "\"\(key)\": \(problem)"
    default: "\(error)"
    }
  }
}

/// The values of a container, all decoded before the first problem is thrown.
package struct CheckedContainer<Key: CodingKey> {
  private let container: KeyedDecodingContainer<Key>
  private var problems = DecodingProblems()

  package init(_ decoder: any Decoder, keyedBy key: Key.Type) throws {
    container = try decoder.container(keyedBy: key)
  }

  /// The value of a key; if there is none, the substitute, and a problem is added.
  package mutating func value<Value: Decodable>(_ key: Key, or substitute: Value) throws -> Value {
    try problems.collect(substitute) { [container] in
      try container.decode(Value.self, forKey: key)
    }
  }

  /// The value of a key that may be absent.
  package mutating func valueIfPresent<Value: Decodable>(_ key: Key) throws -> Value? {
    try problems.collect(nil) { [container] in
      try container.decodeIfPresent(Value.self, forKey: key)
    }
  }

  /// Throws a single problem as it is, and several as ``RuleViolations``.
  package func throwIfAny() throws { try problems.throwIfAny() }
}
