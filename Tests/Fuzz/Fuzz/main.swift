// Reads millions of damaged files with every reader of foreign files:
//   Fuzz [EXECUTIONS [SEED [READER...]]]   default: ten million over all readers, seed 1
//   Fuzz reproduce READER FILE             reads one file again
// Ends with the status 1 when a reader crashes, does not end, takes memory beyond what the file's size
// allows, or throws an error without an explanation; the file is then kept in .build/fuzz.

import CFuzzing
import Foundation

let arguments = Array(CommandLine.arguments.dropFirst())

func reader(_ name: String) -> Reader {
  guard let reader = Reader.named(name) else {
    say("There is no reader \(name); there are \(Reader.all.map(\.name))")
    exit(2)
  }
  return reader
}

/// A file for readers; in memory if possible.
func scratch() -> URL {
  let folder =
    FileManager.default.fileExists(atPath: "/dev/shm") ? "/dev/shm" : NSTemporaryDirectory()
  return URL(fileURLWithPath: folder).appending(path: "nnunet-fuzz-\(getpid())")
}

switch arguments.first {
case "work" where arguments.count == 6:
  guard let seed = UInt64(arguments[2]), let first = UInt64(arguments[3]),
    let end = UInt64(arguments[4])
  else { exit(2) }
  let worker = try Worker(reader(arguments[1]), seed: seed)
  exit(
    worker.run(first..<end, place: URL(fileURLWithPath: arguments[5]), scratch: scratch()))
case "reproduce" where arguments.count == 3:
  let worker = try Worker(reader(arguments[1]), seed: 0)
  let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: arguments[2])))
  let file = scratch()
  fuzz_watch(Worker.patience)
  let status = worker.read(bytes, file: file, isTold: true)
  say("\(bytes.count) bytes, \(fuzz_memory_peak()) bytes of memory")
  unlink(file.path)
  exit(status == Worker.refused ? 0 : status)
default:
  guard let count = UInt64(arguments.first ?? "10000000"),
    let seed = UInt64(arguments.count > 1 ? arguments[1] : "1")
  else {
    say("Usage: Fuzz [EXECUTIONS [SEED [READER...]]] | Fuzz reproduce READER FILE")
    exit(2)
  }
  let readers = arguments.count > 2 ? arguments[2...].map(reader) : Reader.all
  let shares = UInt64(readers.map(\.share).reduce(0, +))
  let findings = URL(fileURLWithPath: ".build/fuzz")
  try FileManager.default.createDirectory(at: findings, withIntermediateDirectories: true)
  var found = 0
  for reader in readers {
    // Rounded up, so that the total is not less than requested.
    let part = (count * UInt64(reader.share) + shares - 1) / shares
    found += try Campaign(reader: reader, seed: seed, count: part, findings: findings).run()
  }
  say("\(found) findings")
  exit(found == 0 ? 0 : 1)
}
