import CFuzzing
import Foundation

/// Prints a line immediately, so that a log shows the progress.
func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }

/// Reads changed files one after the other in a separate process, because it may crash.
struct Worker {
  /// The exit status of a worker with a finding; 97 and 98 come from the C part.
  enum Ending: Int32 {
    case unexpectedError = 96
    case tooMuchMemory = 97
    case tooSlow = 98

    var text: String {
      switch self {
      case .unexpectedError: "an error that nobody explains"
      case .tooMuchMemory: "memory beyond the file's size"
      case .tooSlow: "no end"
      }
    }
  }

  /// The seconds of processor time that one input may take.
  static let patience: Int32 = 5

  let reader: Reader
  let mutator: Mutator

  init(_ reader: Reader, seed: UInt64) throws {
    self.reader = reader
    mutator = Mutator(
      corpus: try Corpus.load(reader.corpus), tokens: reader.tokens.map { Array($0.utf8) },
      seed: seed)
  }

  /// Reads the inputs with these numbers; the current number is in the file `place`.
  func run(_ numbers: Range<UInt64>, place: URL, scratch: URL) -> Int32 {
    guard fuzz_open_place(place.path) == 0 else { return 2 }
    fuzz_watch(Self.patience)
    var sound = 0
    for number in numbers {
      fuzz_set_place(number)
      let status = read(mutator.input(number), file: scratch)
      guard status == 0 || status == Self.refused else { return status }
      if status == 0 { sound += 1 }
    }
    // If all changed files were refused immediately, nothing would be found.
    say("\(reader.name): \(sound) of \(numbers.count) inputs were read without an error")
    unlink(scratch.path)
    return 0
  }

  /// The status of an input that was refused as it should be.
  static let refused: Int32 = 1

  /// Reads one input.
  func read(_ bytes: [UInt8], file: URL, isTold: Bool = false) -> Int32 {
    fuzz_memory_begin()
    fuzz_memory_limit(Int64(256 << 10 + bytes.count * reader.bytesPerByte))
    defer { fuzz_memory_limit(0) }
    do {
      try reader.read(file, bytes)
      if isTold { say("read") }
    } catch {
      if isTold { say("\(error)") }
      if !Reader.isExpected(error) {
        say("\(type(of: error)): \(error)")
        return Ending.unexpectedError.rawValue
      }
      return Self.refused
    }
    return 0
  }
}
