import Dispatch
import Foundation

/// Work in a separate thread, until someone waits for its result.
///
/// Minutes of work must not block threads of the cooperative pool, hence a plain thread.
final class BackgroundWork<Value: Sendable>: @unchecked Sendable {
  private let finished = DispatchSemaphore(value: 0)
  private var result: Result<Value, any Error>?

  init(_ body: @escaping @Sendable () throws -> Value) {
    let thread = Thread { [self] in
      result = Result { try body() }
      finished.signal()
    }
    // Deep recursion is not expected, but the default of 512 kB is small for image code.
    thread.stackSize = 8 << 20
    thread.start()
  }

  /// Waits for the result and returns it; may be called once.
  func wait() throws -> Value {
    finished.wait()
    guard let result else { preconditionFailure("work was waited for twice") }
    self.result = nil
    return try result.get()
  }
}
