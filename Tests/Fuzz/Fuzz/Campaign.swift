import CFuzzing
import Foundation

/// A number of executions of one reader, in worker processes, with what they found.
struct Campaign {
  let reader: Reader
  let seed: UInt64
  let count: UInt64
  /// The folder for the inputs of findings.
  let findings: URL

  /// After so many findings, a reader is too broken to continue.
  private static let enough = 20

  /// Runs all inputs.
  ///
  /// - Returns: The number of findings.
  func run() throws -> Int {
    let place = findings.appending(path: ".place-\(reader.name)-\(getpid())")
    defer { unlink(place.path) }
    let start = Date()
    var next: UInt64 = 0
    var found = 0
    while next < count, found < Self.enough {
      let (status, isSignal) = try work(next..<count, place: place)
      if status == 0 && !isSignal { break }
      let number = try lastNumber(in: place)
      found += 1
      try keep(number, status: status, isSignal: isSignal)
      next = number + 1
    }
    let seconds = Date().timeIntervalSince(start)
    say("\(reader.name): \(count) executions, \(found) findings, \(Int(seconds)) s")
    return found
  }

  private func work(
    _ numbers: Range<UInt64>, place: URL
  ) throws -> (status: Int32, isSignal: Bool) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    process.arguments = [
      "work", reader.name, String(seed), String(numbers.lowerBound), String(numbers.upperBound),
      place.path,
    ]
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    return (process.terminationStatus, process.terminationReason == .uncaughtSignal)
  }

  private func lastNumber(in place: URL) throws -> UInt64 {
    let bytes = [UInt8](try Data(contentsOf: place))
    return bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// Stores the input, which can be made again from the seed and its number.
  private func keep(_ number: UInt64, status: Int32, isSignal: Bool) throws {
    let input = try Worker(reader, seed: seed).mutator.input(number)
    let file = findings.appending(path: "\(reader.name)-\(seed)-\(number)")
    try Data(input).write(to: file)
    let reason =
      isSignal
      ? "a crash (signal \(status))"
      : Worker.Ending(rawValue: status)?.text ?? "an end with the status \(status)"
    say("FOUND \(reason): \(file.path)")
  }
}
