import ArgumentParser

/// The folds of a cross-validation that a command works on.
struct FoldsOption: ParsableArguments {
  @Option(
    name: [.customShort("f"), .customLong("folds")], parsing: .upToNextOption,
    help: .init("The folds. Default: 0 1 2 3 4.", valueName: "fold"))
  var numbers = [0, 1, 2, 3, 4]

  func validate() throws {
    guard !numbers.isEmpty, numbers.allSatisfy({ $0 >= 0 }), Set(numbers).count == numbers.count
    else {
      throw ValidationError("-f takes fold numbers from 0, each once.")
    }
  }
}
