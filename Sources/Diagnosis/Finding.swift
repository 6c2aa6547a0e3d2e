import HostSystem

/// The result of one check, and what to do about it.
package struct Finding: Hashable, Sendable {
  /// How bad it is.
  package enum State: String, Hashable, Sendable, Comparable {
    case ok
    /// Works, but worth knowing.
    case note
    /// Works now, but may not work later.
    case warning
    case broken

    private var rank: Int {
      switch self {
      case .ok: 0
      case .note: 1
      case .warning: 2
      case .broken: 3
      }
    }

    package static func < (left: State, right: State) -> Bool { left.rank < right.rank }
  }

  /// The checked part, in a word or two.
  package var subject: String
  package var state: State
  /// What was found, with the values.
  package var text: String
  /// What to do; nil if there is nothing to do.
  package var advice: String?

  package init(_ subject: String, _ state: State, _ text: String, advice: String? = nil) {
    self.subject = subject
    self.state = state
    self.text = text
    self.advice = advice
  }
}

/// Sizes of files in readable units, `0.3 MB` and more.
func smallBytesText(_ bytes: Int) -> String {
  guard bytes < 1_000_000_000 else { return bytesText(bytes) }
  guard bytes >= 100_000 else { return countText(bytes, "byte") }
  let megabytes = Double(bytes) / 1e6
  return megabytes < 10
    ? "\((megabytes * 10).rounded() / 10) MB" : "\(Int(trusted: megabytes.rounded())) MB"
}

/// Sizes of disks in readable units.
func bytesText(_ bytes: Int) -> String {
  let gigabytes = Double(bytes) / 1e9
  guard gigabytes < 1000 else { return "\((gigabytes / 100).rounded() / 10) TB" }
  return gigabytes < 10
    ? "\((gigabytes * 10).rounded() / 10) GB" : "\(Int(trusted: gigabytes.rounded())) GB"
}
