extension CompletionScript {
  /// One function for all commands: flags where the word begins with a dash, else values.
  var bash: String {
    let cases = commands.map { command in
      """
          \(command.name) | \(command.shortName))
            flags="\(command.flags.joined(separator: " "))"
      \(values(of: command))      ;;
      """
    }
    let names = commands.flatMap { [$0.shortName, $0.name] }.joined(separator: " ")
    return """
      # Completions of nnU-Net for bash: eval "$(nnunet completions bash)"
      _nnunet() {
        local current=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[0]##*/} start=1 flag= flags= kind= index
        COMPREPLY=()
        if [ "$command" = nnunet ]; then
          if [ "$COMP_CWORD" = 1 ]; then
            COMPREPLY=($(compgen -W "\(names) --version" -- "$current"))
            return
          fi
          command=${COMP_WORDS[1]} start=2
        fi
        # The last flag before the word: flags may take several values.
        for ((index = COMP_CWORD - 1; index >= start; index--)); do
          case ${COMP_WORDS[index]} in -*) flag=${COMP_WORDS[index]} && break ;; esac
        done
        case $command in
      \(cases.joined(separator: "\n"))
        esac
        case $current in
          -*) COMPREPLY=($(compgen -W "$flags" -- "$current")) && return ;;
        esac
        case $kind in
          network) COMPREPLY=($(compgen -W "\(Self.networks.joined(separator: " "))" -- "$current")) ;;
          task) COMPREPLY=($(compgen -W "$(\(Self.listTasks))" -- "$current")) ;;
          folder) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -d -- "$current")) ;;
          *) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$current")) ;;
        esac
      }
      complete -F _nnunet nnunet \(commands.map(\.name).joined(separator: " "))

      """
  }

  /// Sets `kind` to what the flag before the word takes.
  private func values(of command: Command) -> String {
    let entries = command.options.filter(\.takesValue).compactMap { option -> String? in
      guard let kind = kind(of: option) else { return nil }
      return "        \(option.typedNames.joined(separator: " | "))) kind=\(kind) ;;"
    }
    let first = command.arguments.first(where: \.isPositional).flatMap(kind)
    let positional = first.map { "        '') kind=\($0) ;;" }
    let lines = entries + [positional].compactMap { $0 }
    guard !lines.isEmpty else { return "" }
    return "      case $flag in\n" + lines.joined(separator: "\n") + "\n      esac\n"
  }

  private func kind(of argument: CommandDescription.Argument) -> String? {
    switch Value(argument) {
    case .network: "network"
    case .task: "task"
    case .folder: "folder"
    case .file: "file"
    // The first argument of nnUNet_train has no value name of its own.
    case .other: nil
    }
  }
}
