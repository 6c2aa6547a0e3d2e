import ArgumentParser

/// Writes out the abbreviations that Python's argparse accepts and users of nnU-Net have in their
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

  /// Writes out all abbreviations up to a `--`, which ends the options.
  ///
  /// Arguments that are no beginning of an option are left for the parser to judge.
  ///
  /// - Throws: ``CommandLineError/ambiguousOption(_:candidates:)``.
  func spellOut(_ arguments: [String]) throws(CommandLineError) -> [String] {
    let end = arguments.firstIndex(of: "--") ?? arguments.endIndex
    var result: [String] = []
    for argument in arguments[..<end] { result += try spellOut(argument) }
    return result + arguments[end...]
  }

  private func spellOut(_ argument: String) throws(CommandLineError) -> [String] {
    guard argument.hasPrefix("-"), argument.count > 1, !options.contains(argument),
      Double(argument) == nil
    else { return [argument] }
    if let equals = argument.firstIndex(of: "=") {
      let option = try spellOut(String(argument[..<equals]))
      guard option.count == 1, options.contains(option[0]) else { return [argument] }
      return option + [String(argument[argument.index(after: equals)...])]
    }
    let candidates = options.filter { $0.count > 2 && $0.hasPrefix(argument) }.sorted()
    let short = String(argument.prefix(2))
    let isJoined = options.contains(short) && !argument.hasPrefix("--")
    switch (candidates.count, isJoined) {
    case (0, true): return [short, String(argument.dropFirst(2))]
    case (0, false): return [argument]
    case (1, false): return candidates
    default: throw .ambiguousOption(argument, candidates: candidates + (isJoined ? [short] : []))
    }
  }
}
