import Foundation
import Testing

/// The built program, run like a user does.
struct Program {
  /// The output and the end of one run.
  struct Outcome {
    let status: Int32
    let output: String
    let errors: String
  }

  /// The variables that the program sees; of the tests' own, it inherits only `PATH`.
  var environment: [String: String] = [:]
  /// The folder that the program is started in.
  var folder: URL = FileManager.default.temporaryDirectory

  /// Next to the test bundle, where SwiftPM puts every product.
  static let executable: URL = {
    #if os(Linux)
      let bundle = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    #else
      let bundle = Bundle(for: BundleAnchor.self).bundleURL
    #endif
    return bundle.deletingLastPathComponent().appending(path: "nnunet")
  }()

  /// Runs `nnunet` with these arguments.
  func run(_ arguments: [String]) throws -> Outcome {
    try run(Self.executable, arguments)
  }

  /// Starts `nnunet` with these arguments and does not wait; its output is discarded.
  func start(_ arguments: [String]) throws -> Process {
    let process = Process()
    process.executableURL = Self.executable
    process.arguments = arguments
    process.currentDirectoryURL = folder
    process.environment = environment.merging(
      ["PATH": ProcessInfo.processInfo.environment["PATH"] ?? ""]) { own, _ in own }
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    return process
  }

  /// Runs a file, which may be a link to the program.
  func run(_ file: URL, _ arguments: [String]) throws -> Outcome {
    let process = Process()
    process.executableURL = file
    process.arguments = arguments
    process.currentDirectoryURL = folder
    process.environment = environment.merging(
      ["PATH": ProcessInfo.processInfo.environment["PATH"] ?? ""]) { own, _ in own }
    let output = folder.appending(path: ".output-\(UUID().uuidString)")
    let errors = folder.appending(path: ".errors-\(UUID().uuidString)")
    defer {
      try? FileManager.default.removeItem(at: output)
      try? FileManager.default.removeItem(at: errors)
    }
    // Files, not pipes: nobody has to empty them while the program runs.
    for file in [output, errors] { try Data().write(to: file) }
    process.standardOutput = try FileHandle(forWritingTo: output)
    process.standardError = try FileHandle(forWritingTo: errors)
    try process.run()
    process.waitUntilExit()
    return Outcome(
      status: process.terminationStatus, output: try String(contentsOf: output, encoding: .utf8),
      errors: try String(contentsOf: errors, encoding: .utf8))
  }
}

#if !os(Linux)
  private final class BundleAnchor {}
#endif

extension Program.Outcome {
  /// Expects success; otherwise shows the program's output.
  func expectSuccess(sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(status == 0, "\(output)\n\(errors)", sourceLocation: sourceLocation)
  }

  /// Expects success and some output.
  func expect(saying fact: String, sourceLocation: SourceLocation = #_sourceLocation) {
    expectSuccess(sourceLocation: sourceLocation)
    #expect(
      (output + errors).contains(fact), "'\(fact)' in:\n\(output)\n\(errors)",
      sourceLocation: sourceLocation)
  }

  /// Expects one clear error that contains all of `facts`, and no crash.
  func expectFailure(
    status expected: Int32 = 1, naming facts: String...,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(status == expected, "\(output)\n\(errors)", sourceLocation: sourceLocation)
    let isExplained = errors.split(separator: "\n").contains { $0.hasPrefix("error: ") }
    #expect(isExplained, "\(errors)", sourceLocation: sourceLocation)
    for fact in facts {
      #expect(errors.contains(fact), "'\(fact)' in:\n\(errors)", sourceLocation: sourceLocation)
    }
  }
}
