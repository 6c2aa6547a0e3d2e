import HostSystem

/// A document that can be written as YAML.
///
/// Texts are always quoted, so that none is read as a number, a boolean or a comment.
enum YAML: Hashable, Sendable {
  case text(String)
  case number(Int)
  case list([YAML])
  /// Keys in the order in which they are written.
  case map([(key: String, value: YAML)])

  /// The document, with a line end.
  var document: String { lines.joined(separator: "\n") + "\n" }

  private var lines: [String] {
    switch self {
    case .text(let text): [QuotedText.yaml(text)]
    case .number(let number): [String(number)]
    case .list(let entries):
      entries.isEmpty ? ["[]"] : entries.flatMap { $0.nested(after: "- ") }
    case .map(let entries):
      entries.isEmpty
        ? ["{}"]
        : entries.flatMap { key, value in
          let lines = value.lines
          return value.isScalar || lines.count == 1 && "[{".contains(lines[0].first ?? " ")
            ? ["\(key): \(lines[0])"] : ["\(key):"] + lines.map { "  " + $0 }
        }
    }
  }

  private var isScalar: Bool {
    switch self {
    case .text, .number: true
    case .list, .map: false
    }
  }

  /// The lines of an entry of a list.
  private func nested(after mark: String) -> [String] {
    lines.enumerated().map { ($0 == 0 ? mark : "  ") + $1 }
  }

  static func == (left: YAML, right: YAML) -> Bool { left.document == right.document }
  func hash(into hasher: inout Hasher) { hasher.combine(document) }
}
