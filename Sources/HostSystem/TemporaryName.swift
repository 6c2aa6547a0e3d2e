import Foundation

/// The hidden names of files and folders while they are made.
///
/// `.NAME.HHHHRRRRRRRR.tmp`: four digits for the machine and eight random ones. The maker holds a
/// lock on it, so that others can tell whether the maker is still running.
enum TemporaryName {
  private static let ending = ".tmp"
  private static let longest = 255

  /// A name that nobody uses.
  static func fresh(for name: String) -> String {
    let random = UUID().uuidString.prefix(8)
    let rest = ".\(machine)\(random)\(ending)"
    // A file system allows 255 bytes, and the name itself may use them all.
    var kept = name
    while kept.utf8.count + rest.utf8.count + 1 > longest { kept.unicodeScalars.removeLast() }
    return ".\(kept)\(rest)"
  }

  /// Whether a name is one of these, or one of earlier versions, which had no digits for the machine.
  static func matches(_ name: String) -> Bool { digits(of: name) != nil }

  /// Whether a name was made on this machine.
  static func isOfThisMachine(_ name: String) -> Bool {
    digits(of: name).map { $0.count == 12 && $0.starts(with: machine.utf8) } ?? false
  }

  private static func digits(of name: String) -> [UInt8]? {
    let bytes = Array(name.utf8)
    guard bytes.first == UInt8(ascii: "."),
      bytes.suffix(ending.utf8.count).elementsEqual(ending.utf8)
    else { return nil }
    let before = bytes.dropLast(ending.utf8.count)
    let digits = before.reversed().prefix { isHexadecimal($0) }
    guard [8, 12].contains(digits.count), digits.count + 2 <= before.count,
      before[before.count - digits.count - 1] == UInt8(ascii: ".")
    else { return nil }
    return digits.reversed()
  }

  private static func isHexadecimal(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
      || (UInt8(ascii: "A")...UInt8(ascii: "F")).contains(byte)
  }

  /// Four digits of the machine's name: several machines may work in one folder, and not every
  /// network disk shows one machine the locks of another.
  private static let machine: String = {
    // Not ProcessInfo's hostName, which may ask a server.
    var name = [CChar](repeating: 0, count: 256)
    gethostname(&name, name.count - 1)
    let hash = shortFNVHash(of: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)))
    return ((hash >> 16) ^ (hash & 0xFFFF)).zeroPadded(to: 4, radix: 16, uppercase: true)
  }()
}

/// The lock on a temporary file or folder; it ends with the process, however that ends.
struct MakerLock: ~Copyable {
  private let descriptor: Int32

  /// Takes the lock on the open file of `descriptor`, through a separate descriptor.
  ///
  /// Nil if another process swept the file just after it was made. There is no lock on a file
  /// system without locks; nobody sweeps there.
  init?(on descriptor: Int32) {
    let own = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
    guard own >= 0 else { return nil }
    while flock(own, LOCK_EX) != 0, errno == EINTR {}
    var status = stat()
    guard fstat(own, &status) == 0, status.st_nlink > 0 else {
      close(own)
      return nil
    }
    self.descriptor = own
  }

  deinit { close(descriptor) }
}
