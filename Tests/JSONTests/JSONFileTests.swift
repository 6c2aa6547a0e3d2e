import Foundation
import TestSupport
import Testing

@testable import JSON

@Suite struct JSONFileTests {
  private struct Sample: Codable, Equatable {
    var count: Int
    var values: [Double]
    var names: [Int: String]
    var missing: String?
  }

  @Test func writesInTheStyleOfPython() throws {
    let sample = Sample(
      count: 3, values: [1, 0.1, 1e-5, 1e16, .infinity, -.infinity, .nan],
      names: [10: "ten", 2: "tw\"o\n"])
    let text = String(decoding: try JSONFile.encode(sample), as: UTF8.self)
    #expect(
      text == """
        {
            "count": 3,
            "names": {
                "2": "tw\\"o\\n",
                "10": "ten"
            },
            "values": [
                1.0,
                0.1,
                1e-05,
                1e+16,
                Infinity,
                -Infinity,
                NaN
            ]
        }

        """)
  }

  @Test func readsBackWhatItWrites() throws {
    let url = try temporaryFolder().appending(path: "sample.json")
    let sample = Sample(
      count: -7, values: [0.699999988079071, .greatestFiniteMagnitude, .leastNonzeroMagnitude],
      names: [:],
      missing: "größer 🧠 \u{1} \\ /")
    try JSONFile.write(sample, to: url)
    #expect(try JSONFile.read(Sample.self, from: url) == sample)
  }

  @Test func acceptsWhatPythonWrites() throws {
    let values = try decode(
      [Double].self, "[NaN, Infinity, -Infinity, 1, -0.0, 2.5E+3,\t1e-05\r\n]")
    #expect(values[0].isNaN && values[1] == .infinity && values[2] == -.infinity)
    #expect(values[3...] == [1, 0, 2500, 1e-5])
    #expect(try decode([Int].self, "[3.0, -2]") == [3, -2])
    #expect(
      try decode(String.self, #""a\u00e9\ud83e\udde0\/\t\"""#) == "aé🧠/\t\"")
    #expect(try decode([String: Int].self, #"{"a": 1, "a": 2}"#) == ["a": 2])
  }

  @Test(arguments: [
    ("{\"a\": 1,\n \"b\": }", 2, 7), ("[1 2]", 1, 4), ("", 1, 1), ("[1,]", 1, 4),
    ("{\"a\" 1}", 1, 6), ("[\"a\n", 1, 2), ("[01x]", 1, 2), ("[0x10]", 1, 2), ("[inf]", 1, 2),
    ("{} {}", 1, 4), ("[\"\\q\"]", 1, 3), ("{a: 1}", 1, 2),
  ])
  func namesThePlaceOfWrongText(text: String, line: Int, column: Int) throws {
    let error = try #require(throws: JSONError.self) {
      try JSONFile.decode([Int].self, from: Data(text.utf8), path: "x.json")
    }
    guard case .noJSON("x.json", line, column, _) = error else {
      Issue.record("\(error)")
      return
    }
  }

  @Test func refusesEndlessNesting() {
    let text = String(repeating: "[", count: 100_000)
    #expect(throws: JSONError.self) {
      try JSONFile.decode([Int].self, from: Data(text.utf8), path: "x.json")
    }
  }

  @Test func namesKeyAndFoundValue() throws {
    let text = #"{"count": 1, "values": [1, "two"], "names": {}}"#
    #expect(
      throws: JSONError.wrongValue(
        path: "x.json", key: "values.1", problem: "expected a number, found \"two\"")
    ) {
      try JSONFile.decode(Sample.self, from: Data(text.utf8), path: "x.json")
    }
    #expect(throws: JSONError.missingKey(path: "x.json", key: "names")) {
      try JSONFile.decode(
        Sample.self, from: Data(#"{"count": 1, "values": []}"#.utf8), path: "x.json")
    }
    #expect(
      throws: JSONError.wrongValue(
        path: "x.json", key: "", problem: "expected a whole number, found 1.5")
    ) {
      try JSONFile.decode(Int.self, from: Data("1.5".utf8), path: "x.json")
    }
  }

  @Test func explainsTheFormatOfDatasetsOnlyForThem() {
    func hint(path: String, key: String) -> String? {
      JSONError.missingKey(path: path, key: key).hint
    }
    #expect(hint(path: "/raw/Task001_A/dataset.json", key: "labels")?.contains("v1") == true)
    #expect(hint(path: "dataset.json", key: "modality")?.contains("v1") == true)
    for (path, key) in [("/a/network.json", "labels"), ("/a/dataset.json", "training")] {
      #expect(hint(path: path, key: key)?.contains("v1") == false)
    }
  }

  private func decode<Value: Decodable>(_ type: Value.Type, _ text: String) throws -> Value {
    try JSONFile.decode(type, from: Data(text.utf8), path: "text")
  }
}
