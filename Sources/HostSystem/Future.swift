import Dispatch
import Foundation
import Synchronization

/// A result that one thread makes and another waits for.
package final class Future<Value: Sendable, Failure: Error>: Sendable {
  private let finished = DispatchSemaphore(value: 0)
  private let result = Mutex<Result<Value, Failure>?>(nil)

  /// A future that ``set(_:)`` fulfills.
  package init() {}

  /// Begins work in a separate thread.
  ///
  /// Minutes of work must not block threads of the cooperative pool, hence a plain thread.
  package convenience init(_ body: @escaping @Sendable () throws(Failure) -> Value) {
    self.init()
    let thread = Thread { [self] in
      set(Result(catching: body))
    }
    // Deep recursion is not expected, but the default of 512 kB is small for image code.
    thread.stackSize = 8 << 20
    thread.start()
  }

  /// Hands over the result, once.
  package func set(_ result: Result<Value, Failure>) {
    self.result.withLock { $0 = result }
    finished.signal()
  }

  /// Blocks until the result is there and returns it; may be called once, so that nobody else keeps
  /// the memory of a large value.
  package func wait() throws(Failure) -> Value {
    finished.wait()
    let taken = result.withLock { result in
      defer { result = nil }
      return result
    }
    guard let taken else { preconditionFailure("a result was waited for twice") }
    return try taken.get()
  }
}
