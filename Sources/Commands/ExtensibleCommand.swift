import ArgumentParser

/// A command that uses what packages have added to the program.
protocol ExtensibleCommand: ParsableCommand {
  /// Does what the arguments ask for.
  mutating func run(with extensions: Extensions) throws
}
