import Foundation
import HostSystem
import Testing

@Suite struct FutureTests {
  @Test func waitsForWorkOfAnotherThread() {
    let future = Future {
      usleep(20_000)
      return 7
    }
    #expect(future.wait() == 7)
  }

  @Test func handsOnWhatTheWorkThrew() {
    let future = Future<Int, FileError> { () throws(FileError) in
      throw FileError.cannotRead(path: "a", reason: "b")
    }
    #expect(throws: FileError.cannotRead(path: "a", reason: "b")) { try future.wait() }
  }

  @Test func isFulfilledBeforeOrAfterSomebodyWaits() {
    let future = Future<String, Never>()
    let other = Future { future.wait() }
    future.set(.success("done"))
    #expect(other.wait() == "done")
  }
}
