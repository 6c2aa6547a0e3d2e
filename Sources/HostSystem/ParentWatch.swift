import Foundation

/// Ends this process when the one that started it has ended.
package enum ParentWatch {
  /// The environment variable by which a parent makes itself known.
  package static let variable = Lifeline.variable

  /// How long a process may take to end by itself, such as a training that saves a checkpoint after its
  /// batch; in seconds.
  static let patience: UInt32 = 600

  /// Watches the parent, if that is a process of ours which has asked for it.
  ///
  /// When the parent has ended, this process gets SIGTERM, and SIGKILL if that does not end it.
  ///
  /// - Parameter text: The value of the variable; nil where it is not set.
  package static func begin(_ text: String?) {
    guard let text else { return }
    // The children of this process have lifelines of their own.
    unsetenv(variable)
    guard let descriptor = Lifeline.descriptor(from: text) else { return }
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    let thread = Thread {
      var byte: UInt8 = 0
      while true {
        let count = read(descriptor, &byte, 1)
        if count == 0 { break }
        guard count > 0 || errno == EINTR else { return }
      }
      kill(getpid(), SIGTERM)
      sleep(patience)
      kill(getpid(), SIGKILL)
    }
    thread.name = "parent"
    thread.start()
  }
}
