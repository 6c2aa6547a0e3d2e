import Arrays
import Foundation
import TestSupport
import Testing

@testable import ModelExchange

@Suite struct TorchFileTests {
  @Test(arguments: ["state.pth", "state_old.pth", "state_zip64.pth"])
  func readsBothLayouts(name: String) throws {
    let file = try TorchFile(contentsOf: fixtureURL("pickles/\(name)"))
    #expect(file.value["epoch"]?.integer == 3)
    let arrays = try file.arrays(of: #require(file.value["state_dict"]))
    let expected: [(String, [Int], [Float])] = [
      ("plain", [3, 4], (0..<12).map { Float($0) }),
      ("transposed", [4, 3], [0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11]),
      ("part", [2, 2], [6, 7, 10, 11]),
      ("half", [2], [1.5, -2]), ("short", [2], [1.5, -2]), ("double", [1], [0.1]),
      ("count", [], [41]), ("empty", [0, 3], []),
    ]
    #expect(arrays.map(\.name) == expected.map(\.0))
    for ((_, array), (name, shape, scalars)) in zip(arrays, expected) {
      #expect(array == DenseArray(shape: shape, scalars: scalars), "\(name)")
    }
  }

  /// A dictionary may name a tensor many times; the amount of data read remains proportional to the
  /// file.
  @Test func elementsThatAreSharedTooOftenAreRefused() throws {
    let file = try TorchFile(contentsOf: fixtureURL("pickles/state.pth"))
    let state = try #require(file.value["state_dict"])
    guard case .dictionary(let entries) = state.node else {
      Issue.record("the state is no dictionary")
      return
    }
    var document = state.document
    document.nodes[state.index] = .dictionary((0..<2000).flatMap { _ in entries })
    #expect(throws: ExchangeError.self) {
      try file.arrays(of: PickleValue(document: document, index: state.index))
    }
  }

  /// Cut off or changed anywhere, a file gives an error or other numbers, never a crash.
  @Test(arguments: ["state.pth", "state_old.pth"])
  func survivesDamage(name: String) throws {
    let data = try Data(contentsOf: fixtureURL("pickles/\(name)"))
    let url = try temporaryFolder().appending(path: name)
    func read(_ data: Data) throws {
      try data.write(to: url)
      let file = try TorchFile(contentsOf: url)
      if let state = file.value["state_dict"] { _ = try file.arrays(of: state) }
    }
    for count in stride(from: 0, to: data.count - 1, by: 97) {
      #expect(throws: (any Error).self) { try read(data.prefix(count)) }
    }
    var random = SystemRandomNumberGenerator()
    for _ in 0..<400 {
      var mutated = data
      for _ in 0..<4 {
        mutated[Int.random(in: 0..<data.count, using: &random)] = .random(
          in: 0...255, using: &random)
      }
      do { try read(mutated) } catch is ExchangeError {}
    }
  }
}
