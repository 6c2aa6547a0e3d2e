import Foundation
import HostSystem
import TestSupport
import Testing

@testable import ModelExchange

@Suite struct PickleReaderTests {
  /// The same object in every protocol, and with NumPy 1's names; see `Tests/Fixtures/pickles`.
  @Test(
    arguments: ["value_0", "value_1", "value_2", "value_3", "value_4", "value_5", "value_2_numpy1"])
  func readsEveryProtocol(name: String) throws {
    let value = try V1Model.pickle(contentsOf: fixtureURL("pickles/\(name).pkl"))
    let text = String(
      decoding: try value.json(path: name, without: ["text", "raw"]), as: UTF8.self)
    #expect(
      text == #"{"none":null,"yes":true,"no":false,"small":7,"negative":-300,"#
        + #""large":1099511627776,"ratio":0.1,"nan":NaN,"numbers":[1,2,3],"pair":[1,"b"],"#
        + #""nested":{"0":{"a":[1.5]},"1":"x"},"int_array":[[1,-2],[3,4]],"#
        + #""float_array":[0.5,0.25],"column_major":[[1,2,3],[4,5,6]],"big_endian":[1,258],"#
        + #""texts":["case_1","c2"],"objects":[null,"o"],"flag":true,"integer_scalar":-5,"#
        + #""float_scalar":0.75,"half":-1.5}"#)
    #expect(value["text"]?.string == "Größe → \"q\"")
    if case .bytes(let bytes) = try #require(value["raw"]).node {
      #expect(bytes == [0, 255])
    } else {
      Issue.record("raw is no bytes")
    }
  }

  @Test(arguments: ["attack_0", "attack_2", "attack_4"])
  func refusesToExecute(name: String) throws {
    let url = fixtureURL("pickles/\(name).pkl")
    #expect(throws: ExchangeError.forbiddenGlobal(path: url.path, name: "posix.system")) {
      try V1Model.pickle(contentsOf: url)
    }
    #expect(!FileManager.default.fileExists(atPath: "/tmp/nnunet-pickle-was-executed"))
  }

  /// Cut off anywhere, a pickle is an error and nothing worse.
  @Test func refusesWhatIsCutOff() throws {
    let data = try Data(contentsOf: fixtureURL("pickles/value_4.pkl"))
    for count in 0..<data.count {
      #expect(throws: ExchangeError.self) { try read(data.prefix(count)) }
    }
  }

  @Test func survivesMutations() throws {
    for name in ["value_0", "value_2", "value_5"] {
      let data = try Data(contentsOf: fixtureURL("pickles/\(name).pkl"))
      var random = SystemRandomNumberGenerator()
      var failures = 0
      for _ in 0..<3000 {
        var mutated = data
        for _ in 0..<Int.random(in: 1...4, using: &random) {
          mutated[Int.random(in: 0..<data.count, using: &random)] = .random(
            in: 0...255, using: &random)
        }
        do {
          _ = try read(mutated).json(path: name)
        } catch is ExchangeError {
          failures += 1
        }
      }
      #expect(failures > 0)
    }
  }

  /// Lengths are trusted only up to the file's end; values that contain themselves end.
  @Test func refusesHostilePickles() throws {
    #expect(throws: ExchangeError.self) {
      try read(Data([0x80, 4, 0x8e, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]))
    }
    #expect(throws: ExchangeError.self) { try read(Data([0x80, 9])) }
    let own = try read(
      Data("](".utf8) + Data([0x94]) + Data("0]".utf8) + Data([0x94]) + Data("h\u{1}a.".utf8))
    #expect(throws: ExchangeError.self) { try own.json(path: "") }
    // Thirty lists, each of which contains the previous one ten times.
    var bomb = Data("].".dropLast().utf8)
    for level in 0..<30 {
      bomb += Data([0x94]) + Data("](".utf8)
      for _ in 0..<10 { bomb += Data([0x68, UInt8(level)]) }
      bomb += Data("e".utf8)
    }
    let value = try read(bomb + Data(".".utf8))
    #expect(throws: ExchangeError.self) { try value.json(path: "") }
  }

  /// A zero among the extents hid others whose product is beyond every number.
  @Test func refusesShapesThatOnlyLookEmpty() throws {
    func text(_ text: String) -> Data {
      withUnsafeBytes(of: UInt32(text.utf8.count).littleEndian) { Data("X".utf8) + Data($0) }
        + Data(text.utf8)
    }
    func long(_ number: Int) -> Data {
      withUnsafeBytes(of: number.littleEndian) { Data([0x8a, 8]) + Data($0) }
    }
    func tuple(_ parts: Data...) -> Data {
      Data("(".utf8) + parts.reduce(Data(), +) + Data("t".utf8)
    }
    func global(_ module: String, _ name: String) -> Data { Data("c\(module)\n\(name)\n".utf8) }
    let zero = Data([0x4b, 0])
    let type =
      global("numpy", "dtype") + tuple(text("f8"), zero, Data([0x4b, 1])) + Data("R".utf8)
      + tuple(
        Data([0x4b, 3]), text("<"), Data("NNN".utf8),
        Data("J".utf8) + Data(repeating: 255, count: 4),
        Data("J".utf8) + Data(repeating: 255, count: 4), zero) + Data("b".utf8)
    func array(_ shape: [Int]) -> Data {
      Data([0x80, 3]) + global("numpy.core.multiarray", "_reconstruct")
        + tuple(global("numpy", "ndarray"), tuple(zero), Data([0x43, 1]) + Data("b".utf8))
        + Data("R".utf8)
        + tuple(
          Data([0x4b, 1]), Data("(".utf8) + shape.map(long).reduce(Data(), +) + Data("t".utf8),
          type,
          Data([0x89]), Data([0x43, 0])) + Data("b.".utf8)
    }
    #expect(try read(array([0, 3, 4])).json(path: "") != Data())
    for shape in [
      [0, 1 << 62, 1 << 62], [1 << 62, 0, 4], [0, -1], Array(repeating: 0, count: 33),
    ] {
      #expect(throws: ExchangeError.self, "\(shape)") { try read(array(shape)) }
    }
  }

  /// Fifty million constants took 4.6 GB.
  @Test func valuesTakeMemoryInProportion() throws {
    let nones = Data(repeating: UInt8(ascii: "N"), count: 3_000_000)
    #expect(throws: ExchangeError.self) { _ = try read(Data([0x80, 4]) + nones + Data(".".utf8)) }
    // The same constants, taken from the stack again, are one value.
    let pairs = Data((0..<2_000_000).flatMap { _ in Array("N0".utf8) })
    let value = try read(Data([0x80, 4]) + pairs + Data("K\u{5}.".utf8))
    #expect(value.integer == 5)
    #expect(value.document.nodes.count == 2)
    let lists = Data((0..<4_000_000).flatMap { _ in Array("]0".utf8) })
    #expect(throws: ExchangeError.self) { _ = try read(Data([0x80, 4]) + lists + Data("N.".utf8)) }
  }

  private func read(_ data: Data) throws -> PickleValue {
    try data.withUnsafeBytes { bytes in
      var position = 0
      return try PickleReader.read(bytes, at: &position, path: "test").value
    }
  }
}
