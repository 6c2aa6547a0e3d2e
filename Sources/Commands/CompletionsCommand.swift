import ArgumentParser

/// `nnUNet_completions`: a script by which a shell completes commands, flags and values.
struct CompletionsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "nnUNet_completions",
    abstract: "Print a completion script for bash, zsh or fish.",
    discussion: """
      The script completes commands, flags, networks, names of tasks, files and folders, for \
      nnunet and for the links to its commands.

      Example: eval "$(nnunet completions bash)" in ~/.bashrc
      zsh: eval "$(nnunet completions zsh)" in ~/.zshrc, after compinit
      fish: nnunet completions fish > ~/.config/fish/completions/nnunet.fish
      """)

  @Argument(help: .init("bash, zsh or fish.", valueName: "shell"))
  var shell: String

  func validate() throws {
    guard CompletionScript.Shell(rawValue: shell) != nil else {
      throw ValidationError(
        "There are completions only for bash, zsh and fish, not for '\(shell)'.")
    }
  }

  func run() throws {
    guard let shell = CompletionScript.Shell(rawValue: shell) else { return }
    Console.print(try CompletionScript(.all).text(for: shell))
  }
}
