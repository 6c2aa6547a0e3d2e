import Arrays
import Foundation
import TestSupport
import Testing

@testable import Networks

@Suite struct SafetensorsFileTests {
  private let file = SafetensorsFile(
    metadata: ["note": "zwei Wörter"],
    arrays: [
      NamedArray(name: "b", array: DenseArray(shape: [2, 3], scalars: [1, 2, 3, 4, 5, .nan])),
      NamedArray(name: "a", array: DenseArray(shape: [], scalars: [-0.5])),
      NamedArray(name: "none", array: DenseArray(shape: [0, 4], scalars: [])),
    ])

  @Test func whatIsWrittenIsRead() throws {
    let url = try temporaryFolder().appendingPathComponent("x.safetensors")
    try file.write(to: url)
    let read = try SafetensorsFile(contentsOf: url)
    #expect(read.metadata == file.metadata)
    #expect(Set(read.arrays.map(\.name)) == ["a", "b", "none"])
    let b = try #require(read.arrays.first { $0.name == "b" }).array
    #expect(b.shape == [2, 3])
    #expect(b.scalars.map(\.bitPattern) == file.arrays[0].array.scalars.map(\.bitPattern))
    #expect(try SafetensorsFile(contentsOf: url) { $0 == "a" }.arrays.map(\.name) == ["a"])
  }

  @Test func everyTruncationIsRefused() throws {
    let url = try temporaryFolder().appendingPathComponent("x.safetensors")
    try file.write(to: url)
    let bytes = try Data(contentsOf: url)
    for length in 0..<bytes.count {
      try bytes.prefix(length).write(to: url)
      #expect(throws: CheckpointError.self, "\(length) bytes") {
        _ = try SafetensorsFile(contentsOf: url)
      }
    }
  }

  @Test func offsetsOutsideOfTheFileAreRefused() throws {
    let url = try temporaryFolder().appendingPathComponent("x.safetensors")
    for entry in [
      #"{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,16]}}"#,
      #"{"a":{"dtype":"F32","shape":[1000000],"data_offsets":[0,4000000]}}"#,
      #"{"a":{"dtype":"F32","shape":[-1],"data_offsets":[4,0]}}"#,
      #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[8,-9223372036854775808]}}"#,
      #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"#
        + #""b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}}"#,
      #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}}"#,
    ] {
      var data = Data()
      withUnsafeBytes(of: UInt64(entry.utf8.count).littleEndian) { data.append(contentsOf: $0) }
      data.append(contentsOf: entry.utf8)
      data.append(Data(repeating: 0, count: 16))
      try data.write(to: url)
      #expect(throws: CheckpointError.self) { _ = try SafetensorsFile(contentsOf: url) }
    }
  }
}
