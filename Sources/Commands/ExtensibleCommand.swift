import ArgumentParser

/// A command that uses what packages added to the program.
protocol ExtensibleCommand: ParsableCommand {
  /// Does what the arguments request.
  mutating func run(with extensions: Extensions) throws
}
