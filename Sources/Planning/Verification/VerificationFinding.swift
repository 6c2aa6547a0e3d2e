/// One thing that is wrong, or looks wrong, with a raw dataset.
public struct VerificationFinding: Hashable, Sendable {
  /// Whether the dataset can be used nevertheless.
  public var severity: Severity
  /// The case, or nil for the dataset as a whole.
  public var caseIdentifier: String?
  /// The file or folder, as a path.
  public var file: String
  /// What was found there and what was expected.
  public var problem: String
  /// What the user can do about it.
  public var remedy: String

  public enum Severity: Hashable, Sendable { case warning, error }

  public init(
    _ severity: Severity, caseIdentifier: String? = nil, file: String, problem: String,
    remedy: String
  ) {
    self.severity = severity
    self.caseIdentifier = caseIdentifier
    self.file = file
    self.problem = problem
    self.remedy = remedy
  }

  /// `file: problem. remedy` in one line; a problem that names the file itself stands alone.
  public var text: String {
    let subject = problem.contains(file) ? "" : "\(file): "
    return "\(subject)\(problem)\(problem.hasSuffix(".") ? "" : ".") \(remedy)"
  }

  /// All findings, grouped by case; findings on the dataset come first.
  static func report(_ findings: [VerificationFinding]) -> String {
    let groups = Dictionary(grouping: findings) { $0.caseIdentifier ?? "" }
    return groups.sorted { $0.key < $1.key }.map { identifier, findings in
      "\n\(identifier.isEmpty ? "dataset" : identifier)"
        + findings.map { "\n  - \($0.text)" }.joined()
    }.joined()
  }
}
