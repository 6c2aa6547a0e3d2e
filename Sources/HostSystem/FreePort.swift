import Foundation

/// A TCP port of this machine that nobody currently listens on.
///
/// - Throws: ``FileError`` when the system has none.
package func freePort() throws(FileError) -> UInt16 {
  let (descriptor, port) = try loopbackSocket()
  close(descriptor)
  return port
}

/// A TCP socket with a free port of this machine, only for this machine.
///
/// - Returns: The descriptor, which the caller closes, and the port.
/// - Throws: ``FileError`` when the system has none.
package func loopbackSocket() throws(FileError) -> (descriptor: Int32, port: UInt16) {
  #if os(Linux)
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
  #else
    let descriptor = socket(AF_INET, SOCK_STREAM, 0)
  #endif
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
  var length = socklen_t(MemoryLayout<sockaddr_in>.size)
  let isBound = withUnsafeMutablePointer(to: &address) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
    }
  }
  guard isBound else {
    let reason = systemReason()
    if descriptor >= 0 { close(descriptor) }
    throw .cannotRead(path: "127.0.0.1", reason: reason)
  }
  return (descriptor, UInt16(bigEndian: address.sin_port))
}
