import Plans

/// A script that lets a shell complete commands, flags and values; made from the command table.
struct CompletionScript {
  /// The shells that are known.
  enum Shell: String, CaseIterable {
    case bash, zsh, fish
  }

  /// One command as the scripts need it.
  struct Command {
    var name: String
    var summary: String
    var arguments: [CommandDescription.Argument]

    /// The name that follows `nnunet`.
    var shortName: String { String(name.dropFirst(CommandTable.prefix.count)) }
    var options: [CommandDescription.Argument] { arguments.filter { !$0.isPositional } }
    var flags: [String] { options.flatMap(\.typedNames) }
  }

  /// The kind of a value, which decides what is offered for it.
  enum Value {
    case folder, file, network, task, trainer, fold, plans, pretrained, other

    init(_ argument: CommandDescription.Argument) {
      let names = Set(argument.typedNames)
      self =
        switch argument.valueName {
        case "folder": .folder
        case "file", "zip": .file
        case "network", "networks": .network
        // A report also accepts a folder, but usually a task.
        case "task", "target": .task
        case "task_name": .pretrained
        case "fold": .fold
        case "trainer": .trainer
        case "name" where !names.isDisjoint(with: ["-tr", "-ctr", "--previous-trainer"]): .trainer
        case "name" where !names.isDisjoint(with: ["-p", "-pl"]): .plans
        default: .other
        }
    }

    /// Whether the program is asked for possible values.
    var isAsked: Bool {
      switch self {
      case .folder, .file, .network, .other: false
      case .task, .trainer, .fold, .plans, .pretrained: true
      }
    }
  }

  let commands: [Command]

  /// The networks that are offered.
  static let networks = Plans.Configuration.allCases.map(\.rawValue)

  init(_ table: CommandTable) throws {
    commands = try table.entries.map { entry in
      Command(
        name: entry.name, summary: entry.summary,
        arguments: try CommandDescription(of: entry.type).arguments)
    }
  }

  /// The script for a shell.
  func text(for shell: Shell) -> String {
    switch shell {
    case .bash: bash
    case .zsh: zsh
    case .fish: fish
    }
  }
}
