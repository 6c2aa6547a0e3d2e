import Arrays
import Foundation
import TestSupport
import Testing

@testable import Archives

@Suite struct ChunkedArrayFileTests {
  private let first = DenseArray<Float>(
    shape: [2, 3, 5, 7], scalars: (0..<210).map { Float($0) * 0.37 - 11 })
  private let second = DenseArray<Float>(
    shape: [1, 3, 5, 7], scalars: (0..<105).map { Float($0 % 3) - 1 })

  private func write(numbersPerChunk: Int = 64) throws -> URL {
    let url = try temporaryFolder().appending(path: "a.chunks")
    try ChunkedArrayFile.write(
      joining: [first, second], to: url, level: 3, threads: 2, numbersPerChunk: numbersPerChunk)
    return url
  }

  @Test(arguments: [1, 64, 105, 315, 1000]) func arraysComeBack(numbersPerChunk: Int) throws {
    let file = try ChunkedArrayFile(at: try write(numbersPerChunk: numbersPerChunk))
    #expect(file.shape == [3, 3, 5, 7] && file.count == 315)
    #expect(try file.read(threads: 2).scalars == first.scalars + second.scalars)
  }

  @Test func specialNumbersAndLargeArraysComeBack() throws {
    var numbers = (0..<200_000).map { Float($0 % 1000) }
    numbers[7] = -.infinity
    numbers[70_000] = .leastNonzeroMagnitude
    numbers[199_999] = -0.0
    let url = try temporaryFolder().appending(path: "a.chunks")
    try ChunkedArrayFile.write(
      joining: [DenseArray(shape: [2, 100_000], scalars: numbers)], to: url, threads: 2)
    let read = try ChunkedArrayFile(at: url).read()
    #expect(read.scalars.map(\.bitPattern) == numbers.map(\.bitPattern))
    #expect(try Data(contentsOf: url).count < 4 * numbers.count / 4)
  }

  @Test func everyDamageIsAnError() throws {
    let url = try write()
    let sound = try Data(contentsOf: url)
    let header = 8 * (1 + 1 + 4 + 1 + 5 + 1)
    // Every byte of the header, and some of each chunk.
    for position in Array(0..<header) + stride(from: header, to: sound.count, by: 5) {
      var bytes = sound
      bytes[position] ^= 0x41
      try bytes.write(to: url)
      #expect(throws: (any Error).self, "byte \(position)") {
        let file = try ChunkedArrayFile(at: url)
        guard file.shape == [3, 3, 5, 7] else { throw CocoaError(.fileReadCorruptFile) }
        _ = try file.read()
      }
    }
    for length in [0, 7, 20, header - 1, header, sound.count - 1] {
      try sound.prefix(length).write(to: url)
      #expect(throws: (any Error).self, "length \(length)") { try ChunkedArrayFile(at: url) }
    }
  }

  @Test func theDamagedChunkIsNamed() throws {
    let url = try write()
    var bytes = try Data(contentsOf: url)
    bytes[bytes.count - 3] ^= 1
    try bytes.write(to: url)
    let error = #expect(throws: ArchiveError.self) { try ChunkedArrayFile(at: url).read() }
    #expect(error?.message.contains("chunk 4") == true)
  }

  @Test func checksumsAreCRC32() throws {
    let url = try temporaryFolder().appending(path: "a.txt")
    try Data("123456789".utf8).write(to: url)
    #expect(try checksum(ofFileAt: url) == "crc32:cbf43926")
    try Data().write(to: url)
    #expect(try checksum(ofFileAt: url) == "crc32:00000000")
  }
}
