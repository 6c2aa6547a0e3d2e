import Arrays
import Foundation
import TestSupport
import Testing

@Suite struct NPYFileTests {
  private let base = (0..<24).map { $0 - 5 }

  private func numpy(_ name: String) -> URL { fixtureURL("numpy/\(name).npy") }

  @Test func readsWhatNumPyWrites() throws {
    let floats = DenseArray(shape: [2, 3, 4], scalars: base.map { Float($0) / 2 })
    #expect(try NPYFile.read(numpy("float32"), as: Float.self) == floats)
    #expect(try NPYFile.read(numpy("big_endian"), as: Float.self) == floats)
    #expect(try NPYFile.readFloats(numpy("big_endian")) == floats)
    #expect(
      try NPYFile.read(numpy("float64"), as: Double.self)
        == DenseArray(shape: [2, 3, 4], scalars: base.map { Double($0) / 3 }))
    #expect(
      try NPYFile.readFloats(numpy("float64"))
        == DenseArray(shape: [2, 3, 4], scalars: base.map { Float(Double($0) / 3) }))
    let integers = DenseArray(shape: [2, 3, 4], scalars: base.map { Int32($0) })
    #expect(try NPYFile.read(numpy("fortran"), as: Int32.self) == integers)
    #expect(try NPYFile.read(numpy("version2"), as: Int32.self) == integers)
    #expect(try NPYFile.read(numpy("int64"), as: Int64.self).scalars == base.map { Int64($0) })
    #expect(try NPYFile.read(numpy("uint8"), as: UInt8.self).scalars == base.map { UInt8($0 + 5) })
    #expect(try NPYFile.read(numpy("mask"), as: UInt8.self).scalars == base.map { $0 > 3 ? 1 : 0 })
    #expect(
      try NPYFile.read(numpy("scalar"), as: Float.self) == DenseArray(shape: [], scalars: [2.5]))
    #expect(
      try NPYFile.read(numpy("empty"), as: Int32.self) == DenseArray(shape: [0, 4], scalars: []))
  }

  @Test func halfPrecisionReadsExactly() throws {
    let values = try NPYFile.readFloats(numpy("float16")).scalars
    let expected: [Float] = [
      0, -0.0, 1, -2.5, 65504, 1 / 16_777_216, 1023 / 16_777_216, .infinity, -.infinity, .nan,
    ]
    #expect(values.count == expected.count)
    for (value, target) in zip(values, expected) {
      #expect(value == target || (value.isNaN && target.isNaN))
      #expect(value.sign == target.sign || value.isNaN)
    }
  }

  @Test func writesTheBytesOfNumPy() throws {
    let folder = try temporaryFolder()
    let url = folder.appendingPathComponent("copy.npy")
    for name in ["float32", "scalar"] {
      try NPYFile.write(NPYFile.read(numpy(name), as: Float.self), to: url)
      #expect(try Data(contentsOf: url) == Data(contentsOf: numpy(name)))
    }
    try NPYFile.write(NPYFile.read(numpy("uint8"), as: UInt8.self), to: url)
    #expect(try Data(contentsOf: url) == Data(contentsOf: numpy("uint8")))
    try NPYFile.write(NPYFile.read(numpy("empty"), as: Int32.self), to: url)
    #expect(try Data(contentsOf: url) == Data(contentsOf: numpy("empty")))
    let row = DenseArray<Double>(shape: [3], scalars: [1, 2, 3])
    try NPYFile.write(row, to: url)
    #expect(try NPYFile.read(url, as: Double.self) == row)
  }

  @Test func mappedArraysHoldTheSame() throws {
    let mapped = try MappedNPY<Float>(at: numpy("float32"))
    #expect(mapped.shape == [2, 3, 4])
    #expect(mapped.count == 24)
    #expect(try mapped.withScalars { Array($0) } == base.map { Float($0) / 2 })
    #expect(try mapped.loaded() == NPYFile.read(numpy("float32")))
    #expect(try MappedNPY<Int32>(at: numpy("empty")).withScalars(\.count) == 0)
    #expect(throws: NPYError.self) { try MappedNPY<Float>(at: numpy("big_endian")) }
    #expect(throws: NPYError.self) { try MappedNPY<Int32>(at: numpy("fortran")) }
  }

  @Test func anotherTypeIsRefused() {
    #expect {
      try NPYFile.read(numpy("float64"), as: Float.self)
    } throws: {
      $0 as? NPYError
        == .wrongScalar(path: numpy("float64").path, found: "<f8", expected: "<f4")
    }
    #expect(throws: NPYError.self) { try NPYFile.read(numpy("complex"), as: Double.self) }
    #expect(throws: NPYError.self) { try NPYFile.readFloats(numpy("int64")) }
  }

  @Test(arguments: [
    "", "\u{93}NUMPY", "NUMPY then something else entirely",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }",
  ])
  func filesOfAnotherKindAreRefused(content: String) throws {
    let url = try temporaryFolder().appendingPathComponent("wrong.npy")
    try Data(content.utf8).write(to: url)
    #expect(throws: NPYError.self) { try NPYFile.read(url, as: Float.self) }
  }

  @Test(arguments: [
    "{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 4), }",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000000,), }",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (-4,), }",
    "{'descr': '<f4', 'fortran_order': False}", "{'descr': '<f4', 'shape': (4,)}",
    "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (4,)}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (4,), 'more': 1}", "{", "",
  ])
  func headersThatDoNotFitTheFileAreRefused(text: String) throws {
    let url = try temporaryFolder().appendingPathComponent("wrong.npy")
    var data = Data([0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, 1, 0, UInt8(text.utf8.count), 0])
    data.append(Data(text.utf8))
    data.append(Data(count: 16))
    try data.write(to: url)
    #expect(throws: NPYError.self) { try NPYFile.read(url, as: Float.self) }
    #expect(throws: NPYError.self) { try MappedNPY<Float>(at: url) }
  }

  @Test func damagedFilesNeverCrash() throws {
    let original = try Data(contentsOf: numpy("float32"))
    let url = try temporaryFolder().appendingPathComponent("damaged.npy")
    var random = StreamRandom(seed: 1)
    for round in 0..<500 {
      var damaged = original
      for _ in 0..<random.integer(in: 1...4) {
        damaged[random.integer(in: 0..<(round % 2 == 0 ? 10 : 128))] =
          UInt8(truncatingIfNeeded: random.next())
      }
      if random.bernoulli(0.2) { damaged = damaged.prefix(random.integer(in: 0...224)) }
      try damaged.write(to: url)
      if let array = try? NPYFile.read(url, as: Float.self) { #expect(array.count == 24) }
    }
  }

  @Test func aMissingFileIsNamed() throws {
    let url = try temporaryFolder().appendingPathComponent("absent.npy")
    #expect {
      try NPYFile.read(url, as: Float.self)
    } throws: {
      String(describing: $0).contains("absent.npy")
    }
  }
}
