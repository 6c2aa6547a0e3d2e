import CProcessorCheck

/// The version of the program.
enum Version {
  static let number = "0.1.0"

  /// The instruction set that the program was compiled for.
  static var instructionSet: String { String(cString: processor_check_instruction_set()) }

  static var description: String { "nnU-Net for Swift \(number) (\(instructionSet))" }
}
