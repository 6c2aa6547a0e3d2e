import Foundation
import HostSystem

extension CompletionScript {
  /// One line for each name of each flag, for the link and for the word after `nnunet`.
  var fish: String {
    var lines = [
      "# Completions of nnU-Net for fish: nnunet completions fish | source", "",
      "function __nnunet_tasks", "    \(fishTasks)", "end", "",
      "complete -c nnunet -f -n __fish_use_subcommand -l version -d 'Print the version'",
    ]
    for command in commands {
      lines.append(
        "complete -c nnunet -f -n __fish_use_subcommand -a \(command.shortName) -d "
          + QuotedText.fishText(command.summary))
    }
    for command in commands {
      let chosen = "'__fish_seen_subcommand_from \(command.shortName) \(command.name)'"
      for argument in command.arguments {
        for line in fishLines(argument) {
          lines.append("complete -c \(command.name) \(line)")
          lines.append("complete -c nnunet -n \(chosen) \(line)")
        }
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private var fishTasks: String {
    "ls \"$nnUNet_raw_data_base/nnUNet_raw_data\" \"$nnUNet_preprocessed\" 2>/dev/null"
      + " | string match 'Task*' | sort -u"
  }

  private func fishLines(_ argument: CommandDescription.Argument) -> [String] {
    let values =
      switch Value(argument) {
      case .folder: " -r -f -a '(__fish_complete_directories)'"
      case .file: " -r"
      case .network: " -r -f -a '\(Self.networks.joined(separator: " "))'"
      case .task: " -r -f -a '(__nnunet_tasks)'"
      case .other: " -r -f"
      }
    let note = " -d " + QuotedText.fishText(argument.abstract ?? "")
    guard !argument.isPositional else {
      let offers = values.substituting(" -r", with: "")
      return offers.holds("-a") ? [String(offers.dropFirst())] : []
    }
    return argument.typedNames.map { name in
      let kind =
        name.begins(with: "--")
        ? "-l \(name.dropFirst(2))"
        : name.count == 2 ? "-s \(name.dropFirst())" : "-o \(name.dropFirst())"
      return kind + note + (argument.takesValue ? values : "")
    }
  }
}
