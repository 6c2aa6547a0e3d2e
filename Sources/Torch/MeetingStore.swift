internal import CTorch
public import Foundation
import HostSystem

/// Small named values that all processes of a group see; one of the processes serves them.
///
/// c10d's `TCPStore`. Safe to use from several threads, one request at a time: a thread that must
/// not wait for another's request opens its own connection.
public final class MeetingStore: @unchecked Sendable {
  let pointer: OpaquePointer

  /// Connects and waits for the serving process.
  ///
  /// - Parameters:
  ///   - address: The host of the serving process.
  ///   - port: The TCP port of the serving process.
  ///   - serves: Whether this process serves.
  ///   - timeout: The timeout in seconds for connecting and for every later request.
  /// - Throws: ``TorchError`` if the port is taken, or nobody answers in time.
  public init(
    address: String, port: UInt16, serves: Bool, timeout: Double
  ) throws(TorchError) {
    let table = try engine()
    var store: OpaquePointer?
    try check("openStore") { message in
      address.withCString { address in
        table.pointee.collective.openStore(
          CTStoreOptions(address: address, port: port, serves: serves, timeout: timeout), &store,
          message)
      }
    }
    guard let store else { throw .failed(operation: "openStore", detail: "no result") }
    pointer = store
  }

  deinit { loadedEngine.pointee.collective.closeStore(pointer) }

  /// Sets a value.
  public func set(_ name: String, to value: Data) throws(TorchError) {
    try check("set \(name)") { message in
      value.withUnsafeBytes {
        loadedEngine.pointee.collective.set(
          pointer, name, $0.baseAddress, Int64($0.count), message)
      }
    }
  }

  /// Waits for a value.
  public func value(of name: String) throws(TorchError) -> Data {
    let result = Received()
    try check("get \(name)") { message in
      loadedEngine.pointee.collective.get(
        pointer, name,
        { context, bytes, count in
          guard let context, let bytes else { return }
          Unmanaged<Received>.fromOpaque(context).takeUnretainedValue().data =
            Data(bytes: bytes, count: Int(count))
        }, Unmanaged.passUnretained(result).toOpaque(), message)
    }
    return result.data
  }

  /// Whether a value was set.
  public func has(_ name: String) throws(TorchError) -> Bool {
    var result = false
    try check("has \(name)") {
      loadedEngine.pointee.collective.has(pointer, name, &result, $0)
    }
    return result
  }

  /// Adds to a number, 0 at first, and returns the sum.
  @discardableResult
  public func add(_ amount: Int, to name: String) throws(TorchError) -> Int {
    var result: Int64 = 0
    try check("add \(name)") {
      loadedEngine.pointee.collective.add(pointer, name, Int64(amount), &result, $0)
    }
    return Int(result)
  }

  private final class Received {
    var data = Data()
  }
}
