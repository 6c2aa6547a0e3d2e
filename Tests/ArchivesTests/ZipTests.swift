import Archives
import Arrays
import Foundation
import HostSystem
import TestSupport
import Testing

@Suite struct ZipTests {
  private func archive(_ name: String) -> URL { fixtureURL("archives/\(name)") }

  @Test func readsWhatPythonWrites() throws {
    let zip = try ZipReader(at: archive("plain.zip"))
    #expect(
      zip.entries.map(\.name)
        == ["2d/", "2d/stored.txt", "2d/deflated.txt", "empty", "großer Name.txt"])
    #expect(zip.entries.map(\.kind) == [.folder, .file, .file, .file, .file])
    #expect(try zip.read("2d/stored.txt") == Array("stored as it is\n".utf8))
    #expect(
      try zip.read("2d/deflated.txt")
        == Array(String(repeating: "deflated ", count: 500).utf8))
    #expect(try zip.read("empty").isEmpty)
    let streamed = try ZipReader(at: archive("streamed.zip"))
    #expect(
      try streamed.read("streamed.txt") == Array(String(repeating: "streamed ", count: 100).utf8))
    #expect(throws: ArchiveError.self) { try zip.entry(named: "absent") }
  }

  @Test(arguments: ["absolute", "parent", "link", "pipe", "backslash"])
  func hostileNamesAreRefusedBeforeAnythingIsWritten(name: String) throws {
    let folder = try temporaryFolder().appending(path: "target")
    let zip = try ZipReader(at: archive("\(name).zip"))
    #expect {
      try zip.extract(to: folder)
    } throws: {
      guard case ArchiveError.unsafeName = $0 else { return false }
      return true
    }
    #expect(!FileManager.default.fileExists(atPath: folder.path))
  }

  @Test func bombsAndOtherMethodsAreRefused() throws {
    #expect {
      try ZipReader(at: archive("bomb.zip"), limits: .models)
    } throws: {
      guard case ArchiveError.tooLarge = $0 else { return false }
      return true
    }
    var small = ZipLimits.arrays
    small.totalSize = 1 << 20
    #expect(throws: ArchiveError.self) { try ZipReader(at: archive("bomb.zip"), limits: small) }
    #expect(throws: ArchiveError.self) { try ZipReader(at: archive("bzip2.zip")) }
    #expect(throws: ArchiveError.self) { try ZipReader(at: archive("make.py")) }
    #expect(throws: FileError.self) { try ZipReader(at: archive("absent.zip")) }
  }

  @Test func whatIsWrittenReadsBack() throws {
    let folder = try temporaryFolder()
    let url = folder.appending(path: "written.zip")
    var random = StreamRandom(seed: 1)
    let noise = (0..<300_000).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    let writer = try ZipWriter(to: url)
    try writer.add("stored", noise, compression: .stored)
    try writer.begin("a/slabs")
    for start in stride(from: 0, to: noise.count, by: 1000) {
      try noise[start..<start + 1000].withUnsafeBytes { try writer.append($0) }
    }
    try writer.end()
    try writer.add("a/empty", [])
    try writer.add("script", file: archive("make.py"))
    #expect(!FileManager.default.fileExists(atPath: url.path))
    try writer.finish()
    let zip = try ZipReader(at: url)
    #expect(try zip.read("stored") == noise)
    #expect(try zip.read("a/slabs") == noise)
    #expect(try zip.read("script") == Array(Data(contentsOf: archive("make.py"))))
    try zip.extract(to: folder.appending(path: "out"))
    #expect(try Data(contentsOf: folder.appending(path: "out/a/slabs")) == Data(noise))
    #expect(try Data(contentsOf: folder.appending(path: "out/a/empty")).isEmpty)
  }

  @Test func aWriterThatGoesAwayLeavesNothing() throws {
    let folder = try temporaryFolder()
    do {
      let writer = try ZipWriter(to: folder.appending(path: "half.zip"))
      try writer.add("a", [1, 2, 3])
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
  }

  @Test func damageIsNoticed() throws {
    var bytes = Array(try Data(contentsOf: archive("plain.zip")))
    let text = Array("stored as it is".utf8)
    let place = bytes.indices.first { bytes[$0...].starts(with: text) }
    bytes[try #require(place)] ^= 1
    let zip = try ZipReader(copying: bytes, path: "flipped.zip")
    #expect(throws: ArchiveError.self) { try zip.read("2d/stored.txt") }
    for length in 0..<bytes.count {
      #expect(throws: ArchiveError.self) {
        try ZipReader(copying: Array(bytes.prefix(length)), path: "cut.zip")
      }
    }
  }

  @Test func arraysOfNumPyReadAndComeBack() throws {
    for name in ["plain", "compressed"] {
      let npz = try NPZFile(at: archive("\(name).npz"))
      #expect(npz.names.count == 13)
      let halves = (0..<24).map { Float($0) / 2 }
      #expect(try npz.readFloats("float16").scalars == halves)
      #expect(
        try npz.read("float32", as: Float.self) == DenseArray(shape: [2, 3, 4], scalars: halves))
      #expect(try npz.read("float64", as: Double.self).scalars == (0..<24).map { Double($0) / 3 })
      #expect(try npz.read("uint8", as: UInt8.self).scalars == (0..<24).map { UInt8($0) })
      #expect(try npz.read("uint16", as: UInt16.self).scalars == (0..<24).map { UInt16($0) })
      #expect(try npz.read("int16", as: Int16.self).scalars == (0..<24).map { Int16($0 - 5) })
      #expect(try npz.read("int64", as: Int64.self).scalars == (0..<24).map { Int64($0 - 5) })
      #expect(try npz.read("mask", as: UInt8.self).scalars == (0..<24).map { $0 > 8 ? 1 : 0 })
      let floats = DenseArray(shape: [2, 3, 4], scalars: (0..<24).map { Float($0) })
      #expect(try npz.read("fortran", as: Float.self) == floats)
      #expect(try npz.read("big", as: Float.self) == floats)
      #expect(try npz.read("scalar", as: Float.self).scalars == [2.5])
      #expect(try npz.read("empty", as: Int32.self).shape == [0, 4])
      #expect(throws: NPYError.self) { try npz.read("float64", as: Float.self) }
      #expect(throws: ArchiveError.self) { try npz.read("absent", as: Float.self) }
      let stream = try npz.stream("float32", as: Float.self)
      #expect(try stream.next().scalars == Array(halves[..<12]))
      #expect(try stream.next().scalars == Array(halves[12...]))
    }
  }

  @Test func arraysWrittenInSlabsReadBack() throws {
    let url = try temporaryFolder().appending(path: "softmax.npz")
    let values = (0..<6000).map { HalfPrecision(Float($0) / 6000) }
    let writer = try NPZWriter(to: url, compression: .deflated(level: 1))
    try writer.begin("softmax", shape: [6, 10, 100], as: HalfPrecision.self)
    for slab in 0..<6 {
      try values[slab * 1000..<(slab + 1) * 1000].withUnsafeBufferPointer { try writer.append($0) }
    }
    try writer.end()
    try writer.finish()
    let read = try NPZFile(at: url).read("softmax", as: HalfPrecision.self)
    #expect(read == DenseArray(shape: [6, 10, 100], scalars: values))
  }

  @Test func halfPrecisionRoundsToTheNearest() {
    for pattern in UInt16.min...UInt16.max {
      let half = HalfPrecision(bitPattern: pattern)
      if half.float.isNaN {
        #expect(HalfPrecision(half.float).float.isNaN)
      } else {
        #expect(HalfPrecision(half.float) == half)
      }
    }
    #expect(HalfPrecision(1 + 0x1p-11).float == 1)
    #expect(HalfPrecision(1 + 0x1.8p-10).float == 1 + 0x1p-9)
    #expect(HalfPrecision(65519).float == 65504)
    #expect(HalfPrecision(65520).float == .infinity)
  }
}
