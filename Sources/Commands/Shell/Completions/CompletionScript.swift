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

  /// What a value is, which decides what is offered for it.
  enum Value {
    case folder, file, network, task, other

    init(_ argument: CommandDescription.Argument) {
      self =
        switch argument.valueName {
        case "folder": .folder
        case "file", "zip", "target": .file
        case "network", "networks": .network
        case "task", "task_name": .task
        default: .other
        }
    }
  }

  let commands: [Command]

  /// The networks that are offered.
  static let networks = ["2d", "3d_lowres", "3d_fullres", "3d_cascade_fullres"]

  /// Lists the names of all tasks that the folders of the three variables hold.
  static let listTasks =
    "ls \"$nnUNet_raw_data_base/nnUNet_raw_data\" \"$nnUNet_preprocessed\" 2>/dev/null | grep '^Task' | sort -u"

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
