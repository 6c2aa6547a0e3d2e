internal import CTorch
import Foundation
import HostSystem

/// Settings of libtorch for the whole process.
package enum TorchRuntime {
  /// The version of the libtorch that is loaded, for example "2.13.0".
  package static func version() throws(TorchError) -> String {
    String(cString: try engine().pointee.device.libraryVersion())
  }

  /// The path that libtorch was loaded from, without symbolic links; nil if the system does not
  /// say.
  package static func libraryPath() throws(TorchError) -> String? {
    guard let path = try engine().pointee.device.libraryPath() else { return nil }
    guard let resolved = realpath(path, nil) else { return String(cString: path) }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  /// Why libtorch has no CUDA, for example "this libtorch has no CUDA"; nil if its CUDA half is loaded.
  package static func cudaProblem() throws(TorchError) -> String? {
    try engine().pointee.device.cudaProblem().map { String(cString: $0) }
  }

  /// The command that sets libtorch up, with CUDA or without, for the program as it was installed.
  package static func setUpCommand(cuda: Bool) -> String {
    guard let versions = EngineLibrary.location?.packagedVersions else {
      return cuda ? "make setup CUDA=1, then build again" : "make setup, then build again"
    }
    return TorchRange(versions).installCommand
  }

  /// The number of threads of one operation on the CPU.
  package static func threads() throws(TorchError) -> Int {
    Int(try engine().pointee.device.threads())
  }

  /// Sets the number of threads of one operation on the CPU.
  package static func setThreads(_ count: Int) throws(TorchError) {
    precondition(count > 0, "at least one thread")
    try engine().pointee.device.setThreads(Int32(clamping: count))
  }

  /// Makes the process keep freed memory for reuse until it ends.
  ///
  /// For trainings and predictions, which allocate and free the same large blocks in every step;
  /// does nothing without glibc.
  package static func keepFreedMemory() throws(TorchError) {
    try engine().pointee.device.keepFreedMemory()
  }

  /// Seeds the generators of all devices.
  package static func seed(_ seed: UInt64) throws(TorchError) {
    let table = try engine()
    try check("seed") { table.pointee.device.seed(seed, $0) }
  }

  /// Refuses, or allows again, algorithms whose results differ between runs.
  package static func setDeterministic(_ enabled: Bool) throws(TorchError) {
    let table = try engine()
    try check("setDeterministic") { table.pointee.device.setDeterministic(enabled, $0) }
  }
}
