import ArgumentParser
import Foundation

/// ArgumentParser's description of a command: its arguments with their names and values.
struct CommandDescription: Decodable {
  struct Command: Decodable { let arguments: [Argument] }

  struct Argument: Decodable {
    /// `positional`, `option` or `flag`.
    let kind: String
    let names: [Name]?
    let valueName: String?
    let abstract: String?
    /// Whether it takes several values.
    let isRepeating: Bool

    /// The names as typed, with their dashes.
    var typedNames: [String] { (names ?? []).map(\.typed) }
    var isPositional: Bool { kind == "positional" }
    var takesValue: Bool { kind == "option" }
  }

  struct Name: Decodable {
    let kind: String
    let name: String

    var typed: String { (kind == "long" ? "--" : "-") + name }
  }

  let command: Command

  /// Reads the description of a command.
  init(of type: any ParsableCommand.Type) throws {
    self = try JSONDecoder().decode(Self.self, from: Data(type._dumpHelp().utf8))
  }

  var arguments: [Argument] { command.arguments }
}
