import ArgumentParser
import HostSystem

/// Expands the abbreviations that Python's argparse accepts and that users of nnU-Net have in their
/// scripts: unambiguous beginnings of options (`--disable_t`), values joined to short options
/// (`-f0`) and to any option by an equals sign (`-o=folder`).
struct OptionSpellings {
  /// The options of one command as typed, with dashes.
  let options: Set<String>

  /// Reads the options of a command from its own description.
  init(of type: any ParsableCommand.Type) throws {
    options = Set(try CommandDescription(of: type).arguments.flatMap(\.typedNames))
  }

  init(options: Set<String>) { self.options = options }

  /// Expands all abbreviations up to a `--`, which ends the options.
  ///
  /// Arguments that do not begin an option are left to the parser.
  ///
  /// - Throws: ``CommandLineError/ambiguousOption(_:candidates:)``.
  func spellOut(_ arguments: [String]) throws(CommandLineError) -> [String] {
    let end = arguments.firstIndex { $0 == "--" } ?? arguments.endIndex
    var result: [String] = []
    for argument in arguments[..<end] { result += try spellOut(argument) }
    return result + arguments[end...]
  }

  private func spellOut(_ argument: String) throws(CommandLineError) -> [String] {
    guard argument.begins(with: "-"), argument.count > 1, !options.contains(argument),
      Double(argument) == nil
    else { return [argument] }
    let parts = argument.parts(at: "=", maxSplits: 1, omittingEmpty: false)
    if parts.count == 2 {
      let option = try spellOut(String(parts[0]))
      guard option.count == 1, options.contains(option[0]) else { return [argument] }
      return option + [String(parts[1])]
    }
    let candidates = options.filter { $0.count > 2 && $0.begins(with: argument) }.sorted()
    let short = String(argument.prefix(2))
    let isJoined = options.contains(short) && !argument.begins(with: "--")
    switch (candidates.count, isJoined) {
    case (0, true): return [short, String(argument.dropFirst(2))]
    case (0, false): return [argument]
    case (1, false): return candidates
    default: throw .ambiguousOption(argument, candidates: candidates + (isJoined ? [short] : []))
    }
  }
}
