extension CompletionScript {
  /// One function for all commands: flags if the word begins with a dash, otherwise values, which
  /// the program itself knows.
  var bash: String {
    let cases = commands.map { command in
      "    \(command.name) | \(command.shortName)) flags=\"\(command.flags.joined(separator: " "))\" ;;"
    }
    let names = commands.flatMap { [$0.shortName, $0.name] }.joined(separator: " ")
    return """
      # Completions of nnU-Net for bash: eval "$(nnunet completions bash)"
      _nnunet() {
        local current=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[0]##*/} start=1 flags= value
        local program=${COMP_WORDS[0]/#\\~/$HOME}
        COMPREPLY=()
        if [ "$command" = nnunet ]; then
          if [ "$COMP_CWORD" = 1 ]; then
            COMPREPLY=($(compgen -W "\(names) --version" -- "$current"))
            return
          fi
          command=${COMP_WORDS[1]} start=2
        fi
        case $command in
      \(cases.joined(separator: "\n"))
        esac
        case $current in
          -*) COMPREPLY=($(compgen -W "$flags" -- "$current")) && return ;;
        esac
        # Not by compgen -W, which would run what stands in a name.
        while IFS= read -r value; do
          case $value in
            @folders) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -d -- "$current")) ;;
            @files) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$current")) ;;
            "$current"*) printf -v value %q "$value"; COMPREPLY+=("$value") ;;
          esac
        done < <("$program" \(CompletionValues.request) "$command" "${COMP_WORDS[@]:start:COMP_CWORD-start}" 2>/dev/null)
      }
      complete -F _nnunet nnunet \(commands.map(\.name).joined(separator: " "))

      """
  }
}
