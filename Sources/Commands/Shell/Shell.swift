import ArgumentParser
import Foundation
import HostSystem

/// Chooses the command that the user called, runs it and turns its outcome into an exit status.
///
/// The statuses are those of nnU-Net v1: 0 for success and help, 1 for a failure, 2 for arguments
/// that cannot be understood.
struct Shell {
  let arguments: [String]
  let commands: CommandTable
  var extensions = Extensions()

  static let programName = "nnunet"
  static let failure: Int32 = 1
  static let usageError: Int32 = 2

  /// The name that the program was called by: its own or that of a command.
  private var calledAs: String {
    URL(fileURLWithPath: arguments.first ?? Self.programName).lastPathComponent
  }

  /// Runs the command and returns the exit status.
  func run() -> Int32 {
    guard extensions.problems.isEmpty else {
      return fail(CommandLineError.invalidExtensions(extensions.problems))
    }
    if arguments.dropFirst().first == CompletionValues.request { return answerCompletion() }
    if let entry = commands.entry(named: calledAs), entry.name == calledAs {
      return run(entry, with: Array(arguments.dropFirst()))
    }
    guard let first = arguments.dropFirst().first else {
      Console.print(overview)
      return EXIT_SUCCESS
    }
    switch first {
    case "-h", "--help", "help":
      Console.print(overview)
      return EXIT_SUCCESS
    case "--version":
      Console.print(Version.description)
      return EXIT_SUCCESS
    default:
      guard let entry = commands.entry(named: first) else {
        return fail(CommandLineError.unknownCommand(first, near: commands.names(near: first)))
      }
      return run(entry, with: Array(arguments.dropFirst(2)))
    }
  }

  /// Prints what may follow in a command line; the scripts of `nnUNet_completions` call it.
  private func answerCompletion() -> Int32 {
    guard let script = try? CompletionScript(commands) else { return Self.failure }
    let values = CompletionValues(
      commands: script.commands, environment: ProgramEnvironment(extensions: extensions))
    let text = values.text(for: Array(arguments.dropFirst(2)))
    if !text.isEmpty { Console.print(text) }
    return EXIT_SUCCESS
  }

  /// The output when the program is called without a command: all commands.
  var overview: String {
    let width = commands.entries.map(\.name.count).max() ?? 0
    let margin = String(repeating: " ", count: width + 4)
    let lines = commands.entries.flatMap { entry in
      wrapped(
        "  \(entry.name.padding(toLength: width, withPad: " ", startingAt: 0))  \(entry.summary)",
        indent: margin)
    }
    return """
      \(Version.description)
      Self-configuring segmentation of medical images.

      Usage: nnUNet_<command> [arguments]   or   \(calledAs) <command> [arguments]

      \(lines.joined(separator: "\n"))

      nnUNet_<command> -h explains a command and shows an example.
      """
  }
}

// MARK: - Running one command

extension Shell {
  private func run(_ entry: CommandTable.Entry, with arguments: [String]) -> Int32 {
    do {
      var command = try parse(entry.type, arguments)
      if var command = command as? any ExtensibleCommand {
        try command.run(with: extensions)
      } else {
        try command.run()
      }
      return EXIT_SUCCESS
    } catch let error as any ExplainedError {
      return fail(error)
    } catch {
      return finish(entry, error)
    }
  }

  /// Parses arguments as they are; if that fails, with the abbreviations of argparse expanded.
  private func parse(
    _ type: any ParsableCommand.Type, _ arguments: [String]
  ) throws -> any ParsableCommand {
    do {
      return try type.parseAsRoot(arguments)
    } catch {
      let spelledOut = try OptionSpellings(of: type).spellOut(arguments)
      guard spelledOut != arguments else { throw error }
      return try type.parseAsRoot(spelledOut)
    }
  }

  /// Prints ArgumentParser's output: help, an error in the arguments, or any other error.
  private func finish(_ entry: CommandTable.Entry, _ error: any Error) -> Int32 {
    switch entry.type.exitCode(for: error) {
    case .success:
      Console.print(Self.fitting(entry.type.fullMessage(for: error)))
      return EXIT_SUCCESS
    case .validationFailure:
      Console.printError(entry.type.message(for: error))
      Console.printToStandardError(Self.fitting("Usage: \(entry.type.usageString())"))
      Console.printToStandardError("Run '\(entry.name) -h' for help and an example.")
      return Self.usageError
    case let code:
      if !(error is ExitCode) { Console.printError(entry.type.message(for: error)) }
      return code.rawValue
    }
  }

  /// Help with a usage line that fits a terminal; ArgumentParser never breaks it.
  static func fitting(_ help: String) -> String {
    help.lines.flatMap { line in
      line.lowercased().begins(with: "usage: ")
        ? wrapped(String(line), indent: "       ") : [String(line)]
    }.joined(separator: "\n")
  }

  private func fail(_ error: any ExplainedError) -> Int32 {
    Console.printError(error.conclusion)
    if let hint = error.hint { Console.printToStandardError(hint) }
    return error is CommandLineError ? Self.usageError : Self.failure
  }
}
