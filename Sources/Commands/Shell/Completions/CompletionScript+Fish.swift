import Foundation
import HostSystem

extension CompletionScript {
  /// One line for each name of each flag, for the link and for the word after `nnunet`.
  var fish: String {
    var lines = [
      "# Completions of nnU-Net for fish: nnunet completions fish | source", "",
      "function __nnunet_values",
      "    set -l words (commandline -opc)",
      "    set -l program $words[1]",
      "    test (basename -- $program) = nnunet; and set -e words[1]",
      "    $program \(CompletionValues.request) $words 2>/dev/null | string match -rv '^@'", "end",
      "",
      "complete -c nnunet -f -n __fish_use_subcommand -l version -d 'Print the version'",
    ]
    for command in commands {
      lines.append(
        "complete -c nnunet -f -n __fish_use_subcommand -a \(command.shortName) -d "
          + QuotedText.fishText(command.summary))
    }
    for command in commands {
      let chosen = "'__fish_seen_subcommand_from \(command.shortName) \(command.name)'"
      let takesFiles = command.arguments.contains { argument in
        argument.isPositional && [.file, .folder].contains(Value(argument))
      }
      let words = (takesFiles ? "" : "-f ") + "-a '(__nnunet_values)'"
      lines.append("complete -c \(command.name) \(words)")
      lines.append("complete -c nnunet -n \(chosen) \(words)")
      for argument in command.arguments {
        for line in fishLines(argument) {
          lines.append("complete -c \(command.name) \(line)")
          lines.append("complete -c nnunet -n \(chosen) \(line)")
        }
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func fishLines(_ argument: CommandDescription.Argument) -> [String] {
    let values =
      switch Value(argument) {
      case .folder: " -r -f -a '(__fish_complete_directories)'"
      case .file: " -r"
      case .network: " -r -f -a '\(Self.networks.joined(separator: " "))'"
      case .task, .trainer, .fold, .plans, .pretrained: " -r -f -a '(__nnunet_values)'"
      case .other: " -r -f"
      }
    let note = " -d " + QuotedText.fishText(argument.abstract ?? "")
    // The program counts which of several words is next.
    guard !argument.isPositional else { return [] }
    return argument.typedNames.map { name in
      let kind =
        name.begins(with: "--")
        ? "-l \(name.dropFirst(2))"
        : name.count == 2 ? "-s \(name.dropFirst())" : "-o \(name.dropFirst())"
      return kind + note + (argument.takesValue ? values : "")
    }
  }
}
