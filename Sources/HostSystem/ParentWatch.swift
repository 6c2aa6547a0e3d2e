import Foundation

/// Ends this process when its parent has ended.
package enum ParentWatch {
  /// The environment variable with which a parent identifies itself.
  package static let variable = Lifeline.variable

  /// The seconds that a process may take to end by itself, such as a training that saves a
  /// checkpoint after its batch.
  static let patience: UInt32 = 600

  /// Watches the parent if it is one of our processes and requested this.
  ///
  /// When the parent has ended, this process gets SIGTERM, and SIGKILL if that does not end it.
  ///
  /// - Parameter text: The value of the variable; nil if it is not set.
  package static func begin(_ text: String?) {
    guard let text else { return }
    // The children of this process have their own lifelines.
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
