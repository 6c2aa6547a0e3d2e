internal import CTorch
import Foundation
import HostSystem

/// The table of functions of the tensor engine, loaded with libtorch on first use.
///
/// Loading takes about half a second and hundreds of megabytes of address space, which commands
/// that only print or plan should not pay: `Decisions/0002-libtorch-is-loaded-on-first-use.md`.
enum EngineLibrary {
  /// The functions, or why there are none; the table does not change after it is loaded.
  nonisolated(unsafe) static let table: Result<UnsafePointer<CTEngine>, TorchError> = load()

  /// The address space that libtorch and its threads need when they start, bytes.
  private static let addressSpace = 3 << 30

  /// The engine's location; nil if the system does not say where the program is.
  static let location: EngineLocation? = ctorch_image_path().map { path in
    let image = URL(fileURLWithPath: String(cString: path)).resolvingSymlinksInPath()
    return EngineLocation(imageFolder: image.deletingLastPathComponent())
  }

  private static func load() -> Result<UnsafePointer<CTEngine>, TorchError> {
    Result { () throws(TorchError) in try open() }
  }

  /// Passes the setting of `NNUNET_CPU` to oneDNN and ATen, which read the environment when they
  /// start.
  private static func limitProcessor() throws(TorchError) {
    guard let level = ProcessorFeatures.requestedLevel else { return }
    guard level == "avx2" else { throw .unknownProcessorLevel(name: level) }
    setenv("ONEDNN_MAX_CPU_ISA", "AVX2", 1)
    setenv("ATEN_CPU_CAPABILITY", "avx2", 1)
  }

  private static func open() throws(TorchError) -> UnsafePointer<CTEngine> {
    guard let location else { throw .engineNotFound(searched: []) }
    let library = try location.library()
    try limitProcessor()
    // Its libraries crash if the address space is exhausted while they start.
    if let left = addressSpaceLeft(), left < addressSpace {
      throw .addressSpaceTooSmall(left: left, needed: addressSpace)
    }
    guard let handle = dlopen(library.path, RTLD_NOW | RTLD_LOCAL),
      let symbol = dlsym(handle, CT_ENGINE_SYMBOL)
    else {
      let reason = dlerror().map { String(cString: $0) } ?? "unknown reason"
      throw .engineNotLoadable(
        path: library.path, reason: reason,
        remedy: location.packagedVersions.map { TorchRange($0).installCommand })
    }
    let entry = unsafeBitCast(symbol, to: CTEngineEntry.self)
    let table = entry()
    guard table.pointee.abiVersion == UInt32(CT_ABI_VERSION) else {
      throw .engineOutdated(
        path: library.path, version: table.pointee.abiVersion, expected: UInt32(CT_ABI_VERSION))
    }
    return table
  }
}

/// The engine's functions.
///
/// - Throws: ``TorchError`` if the library cannot be loaded.
func engine() throws(TorchError) -> UnsafePointer<CTEngine> { try EngineLibrary.table.get() }

/// The engine's functions when a tensor exists, which proves that the library is loaded.
var loadedEngine: UnsafePointer<CTEngine> {
  guard case .success(let table) = EngineLibrary.table else {
    preconditionFailure("a tensor exists without an engine")
  }
  return table
}

/// Runs one call of the engine and turns its status into an error.
func check(
  _ operation: String, _ call: (UnsafeMutablePointer<CTMessage>) -> CTStatus
) throws(TorchError) {
  var message = CTMessage()
  let status = call(&message)
  guard status != CT_OK else { return }
  let detail = withUnsafeBytes(of: &message.text) { bytes in
    String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
  }
  throw switch status {
  case CT_OUT_OF_MEMORY: .outOfMemory(detail: detail)
  case CT_INVALID_ARGUMENT: .invalidArgument(operation: operation, detail: detail)
  case CT_NOT_AVAILABLE: .notAvailable(operation: operation, detail: detail)
  default: .failed(operation: operation, detail: detail)
  }
}

/// Runs one call that makes a tensor.
func makeTensor(
  _ operation: String,
  _ call: (
    UnsafePointer<CTEngine>, UnsafeMutablePointer<OpaquePointer?>, UnsafeMutablePointer<CTMessage>
  ) -> CTStatus
) throws(TorchError) -> Tensor {
  let table = try engine()
  var result: OpaquePointer?
  try check(operation) { message in call(table, &result, message) }
  guard let result else { throw .failed(operation: operation, detail: "no result") }
  return Tensor(owning: result)
}

/// Calls `body` with a list of extents or axes in C form.
func withInts<Result>(_ values: [Int], _ body: (CTInts) -> Result) -> Result {
  let wide = values.map(Int64.init)
  return wide.withUnsafeBufferPointer { buffer in
    body(CTInts(values: buffer.baseAddress, count: Int32(buffer.count)))
  }
}
