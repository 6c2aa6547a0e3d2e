import Dispatch
import Foundation

/// Work that goes on in a thread of its own until someone waits for its result.
///
/// Threads of the cooperative pool must not be blocked by minutes of work, hence a plain one.
final class BackgroundWork<Value: Sendable>: @unchecked Sendable {
  private let finished = DispatchSemaphore(value: 0)
  private var result: Result<Value, any Error>?

  init(_ body: @escaping @Sendable () throws -> Value) {
    let thread = Thread { [self] in
      result = Result { try body() }
      finished.signal()
    }
    // Deep recursion is not expected, but the default of 512 kB is little for image code.
    thread.stackSize = 8 << 20
    thread.start()
  }

  /// Blocks until the result is there and returns it; may be called once.
  func wait() throws -> Value {
    finished.wait()
    guard let result else { preconditionFailure("work was waited for twice") }
    self.result = nil
    return try result.get()
  }
}
