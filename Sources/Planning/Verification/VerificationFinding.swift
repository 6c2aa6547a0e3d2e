import HostSystem

/// One thing that is wrong, or looks wrong, with a raw dataset.
public struct VerificationFinding: Hashable, Sendable {
  /// Whether the dataset can still be used.
  package var severity: Severity
  /// The case, or nil for the dataset as a whole.
  package var caseIdentifier: String?
  /// The file or folder, as a path.
  package var file: String
  /// What was found there.
  package var found: String
  /// What should be there instead.
  package var expected: String
  /// What the user can do about it.
  package var remedy: String

  /// Whether a finding makes the dataset unusable (`error`) or only looks wrong (`warning`).
  public enum Severity: String, Hashable, Sendable { case warning, error }

  /// Creates a finding, whose `text` is `severity: file: found; expected …. remedy`.
  ///
  /// - Parameters:
  ///   - severity: Whether the dataset can still be used.
  ///   - caseIdentifier: The case, or nil for the dataset as a whole.
  ///   - file: The file or folder, as a path.
  ///   - found: What was found there, as a clause.
  ///   - expected: What should be there instead; "expected" is put before it.
  ///   - remedy: What the user can do about it, as sentences.
  public init(
    _ severity: Severity, caseIdentifier: String? = nil, file: String, found: String,
    expected: String, remedy: String
  ) {
    self.severity = severity
    self.caseIdentifier = caseIdentifier
    self.file = file
    self.found = found
    self.expected = expected
    self.remedy = remedy
  }

  /// `severity: file: found; expected …. remedy` in one line.
  package var text: String {
    var found = found
    if found.ends(with: ".") { found.removeLast() }
    // Read errors already name the file.
    let subject = found.contains(file) ? "" : "\(file): "
    return "\(severity.rawValue): \(subject)\(found); expected \(expected). \(remedy)"
  }

  /// All findings, grouped by case, errors first; findings about the dataset are at the top.
  static func report(_ findings: [VerificationFinding]) -> String {
    let groups = Dictionary(grouping: findings) { $0.caseIdentifier ?? "" }
    return groups.sorted { $0.key < $1.key }.map { identifier, findings in
      let ordered =
        findings.filter { $0.severity == .error } + findings.filter { $0.severity == .warning }
      return "\n\(identifier.isEmpty ? "dataset" : "case \(identifier)")"
        + ordered.map { "\n  - \($0.text)" }.joined()
    }.joined()
  }

  /// "2 errors and 1 warning".
  static func count(_ findings: [VerificationFinding]) -> String {
    let numbers = [Severity.error, .warning].compactMap { severity -> String? in
      let count = findings.count { $0.severity == severity }
      return count == 0 ? nil : "\(count) \(severity.rawValue)\(count == 1 ? "" : "s")"
    }
    return numbers.joined(separator: " and ")
  }
}
