import Foundation
import TestSupport
import Testing

/// A small part of what `make fuzz` runs, with other damage.
@Suite struct FuzzTests {
  private var fuzzer: URL {
    Program.executable.deletingLastPathComponent().appending(path: "Fuzz")
  }

  @Test func readersRefuseDamagedFilesInBoundsOfTimeAndMemory() throws {
    let outcome = try Program(folder: try temporaryFolder()).run(fuzzer, ["30000", "20211"])
    #expect(outcome.status == 0, "\(outcome.output)")
    #expect(outcome.output.contains("0 findings"))
    for reader in [
      "pickle", "torch", "zip", "npz", "npy", "nifti", "json", "safetensors", "nrrd", "mha", "gipl",
      "png", "bmp", "tif",
    ] {
      #expect(outcome.output.contains("\(reader): "), "\(reader)")
    }
  }
}
