import Foundation
import HostSystem

extension CompletionScript {
  /// One function for each command, with the flags' explanations.
  var zsh: String {
    let functions = commands.map { command in
      let specifications = command.arguments.flatMap(zshSpecifications)
      return """
        _\(command.name)() {
          _arguments -S \(specifications.joined(separator: " \\\n    "))
        }
        """
    }
    let list = commands.map { "    \(QuotedText.inSingleQuotes("\($0.shortName):\($0.summary)"))" }
    let cases = commands.map { "    \($0.shortName) | \($0.name)) _\($0.name) ;;" }
    return """
      #compdef nnunet \(commands.map(\.name).joined(separator: " "))
      # Completions of nnU-Net for zsh: eval "$(nnunet completions zsh)" after compinit, or as a file
      # _nnunet in a folder of $fpath.
      _nnunet_values() {
        local -a values
        values=(${(f)"$("$_nnunet_program" \(CompletionValues.request) "${(@Q)words[1,CURRENT-1]}" 2>/dev/null)"})
        compadd -a values
      }
      \(functions.joined(separator: "\n"))
      _nnunet_command() {
        case $1 in
      \(cases.joined(separator: "\n"))
        esac
      }
      _nnunet() {
        local -a commands
        local _nnunet_program=${(Q)words[1]/#\\~/$HOME}
        commands=(
      \(list.joined(separator: "\n"))
        )
        if [[ $service != nnunet ]]; then
          _nnunet_command $service
        elif (( CURRENT == 2 )); then
          _describe command commands
        else
          shift words
          (( CURRENT-- ))
          _nnunet_command ${words[1]}
        fi
      }
      if [ "$funcstack[1]" = _nnunet ]; then
        _nnunet "$@"
      else
        compdef _nnunet nnunet \(commands.map(\.name).joined(separator: " "))
      fi

      """
  }

  /// The argument in the format of `_arguments`: `-flag[explanation]:value:action`, for each of its
  /// names.
  private func zshSpecifications(_ argument: CommandDescription.Argument) -> [String] {
    let note = Self.bracketed(argument.abstract ?? "")
    let value = Self.bracketed(argument.valueName ?? "value")
    let action =
      switch Value(argument) {
      case .folder: "_files -/"
      case .file: "_files"
      case .network: "(\(Self.networks.joined(separator: " ")))"
      case .task, .trainer, .fold, .plans, .pretrained: "_nnunet_values"
      case .other: " "
      }
    if argument.isPositional { return [QuotedText.inSingleQuotes(":\(value):\(action)")] }
    return argument.typedNames.map { name in
      // Flags such as -f take words up to the next flag.
      let several = argument.isRepeating ? ":*-*:" : ":"
      let ending = argument.takesValue ? "\(several)\(value):\(action)" : ""
      return QuotedText.inSingleQuotes("\(name)[\(note)]\(ending)")
    }
  }

  /// Text without characters that have a meaning in a specification.
  private static func bracketed(_ text: String) -> String {
    text.substituting("\\", with: "\\\\").substituting("[", with: "\\[")
      .substituting("]", with: "\\]").substituting(":", with: "\\:")
  }
}
