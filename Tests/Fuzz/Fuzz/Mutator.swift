import Arrays

/// Makes damaged inputs from intact ones; the same seed and number give the same input.
struct Mutator {
  /// Sound files.
  let corpus: [[UInt8]]
  /// Pieces with a meaning for the reader, such as instructions or literals.
  let tokens: [[UInt8]]
  let seed: UInt64

  /// No input becomes larger.
  static let largest = 1 << 17

  func input(_ number: UInt64) -> [UInt8] {
    var random = StreamRandom(seed: seed, stream: number)
    var bytes = corpus.randomElement(using: &random) ?? []
    // A few changes reach deep into a file, many find its edges.
    let count = [1, 1, 2, 2, 3, 4, 8, 16].randomElement(using: &random) ?? 1
    for _ in 0..<count { change(&bytes, using: &random) }
    if bytes.count > Self.largest { bytes.removeLast(bytes.count - Self.largest) }
    return bytes
  }

  private func change(_ bytes: inout [UInt8], using random: inout StreamRandom) {
    guard !bytes.isEmpty else {
      bytes = tokens.randomElement(using: &random) ?? [0]
      return
    }
    let place = place(in: bytes.count, using: &random)
    switch Int.random(in: 0..<13, using: &random) {
    case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    case 1: bytes[place] = .random(in: 0...255, using: &random)
    case 2: bytes[place] = [0, 1, 0x7F, 0x80, 0xFF].randomElement(using: &random) ?? 0
    case 3, 4: overwriteNumber(in: &bytes, at: place, using: &random)
    case 5: bytes.removeSubrange(place..<end(place, bytes.count, 32, using: &random))
    case 6: bytes.removeLast(bytes.count - place)
    case 7:
      let part = bytes[place..<end(place, bytes.count, 64, using: &random)]
      bytes.insert(contentsOf: Array(part), at: self.place(in: bytes.count, using: &random))
    case 8: repeatPart(of: &bytes, at: place, using: &random)
    case 9: splice(&bytes, at: place, using: &random)
    case 10, 11: insertToken(into: &bytes, at: place, using: &random)
    default: replaceDigits(in: &bytes, at: place, using: &random)
    }
  }

  /// Places near the beginning and the end, where headers and directories are, are more frequent.
  private func place(in count: Int, using random: inout StreamRandom) -> Int {
    switch Int.random(in: 0..<4, using: &random) {
    case 0: Int.random(in: 0..<min(count, 400), using: &random)
    case 1: count - 1 - Int.random(in: 0..<min(count, 200), using: &random)
    default: Int.random(in: 0..<count, using: &random)
    }
  }

  private func end(
    _ start: Int, _ count: Int, _ most: Int, using random: inout StreamRandom
  ) -> Int { min(count, start + Int.random(in: 1...most, using: &random)) }

  private func overwriteNumber(
    in bytes: inout [UInt8], at place: Int, using random: inout StreamRandom
  ) {
    let width = [2, 4, 8].randomElement(using: &random) ?? 4
    let edges: [UInt64] = [
      0, 1, 0xFF, 0x7FFF, 0xFFFF, 0x1_0000, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFE, 0xFFFF_FFFF,
      0x1_0000_0000, 0x7FFF_FFFF_FFFF_FFFF, 0x8000_0000_0000_0000, .max, UInt64(bytes.count),
      UInt64(max(bytes.count - 1, 0)), UInt64(bytes.count + 1), UInt64(place),
      .random(in: 0...1000, using: &random), .random(in: 0...(.max), using: &random),
    ]
    let value = edges.randomElement(using: &random) ?? 0
    let isBigEndian = Bool.random(using: &random)
    for index in 0..<width where place + index < bytes.count {
      let shift = 8 * (isBigEndian ? width - 1 - index : index)
      bytes[place + index] = UInt8(truncatingIfNeeded: value >> UInt64(shift))
    }
  }

  private func repeatPart(
    of bytes: inout [UInt8], at place: Int, using random: inout StreamRandom
  ) {
    let part = Array(bytes[place..<end(place, bytes.count, 16, using: &random)])
    // Thousands of the same are rare because they cost time.
    let most = Int.random(in: 0..<200, using: &random) == 0 ? 5000 : 12
    let count = min(Int.random(in: 1...most, using: &random), Self.largest / part.count)
    bytes.insert(contentsOf: (0..<count).flatMap { _ in part }, at: place)
  }

  private func splice(_ bytes: inout [UInt8], at place: Int, using random: inout StreamRandom) {
    guard let other = corpus.randomElement(using: &random), !other.isEmpty else { return }
    let start = self.place(in: other.count, using: &random)
    let part = other[start..<end(start, other.count, 256, using: &random)]
    if Bool.random(using: &random) {
      bytes.insert(contentsOf: part, at: place)
    } else {
      bytes.replaceSubrange(place..<min(place + part.count, bytes.count), with: part)
    }
  }

  private func insertToken(
    into bytes: inout [UInt8], at place: Int, using random: inout StreamRandom
  ) {
    guard let token = tokens.randomElement(using: &random) else { return }
    let replaced = Bool.random(using: &random) ? min(token.count, bytes.count - place) : 0
    bytes.replaceSubrange(place..<place + replaced, with: token)
  }

  private func replaceDigits(
    in bytes: inout [UInt8], at place: Int, using random: inout StreamRandom
  ) {
    let isDigit = { (byte: UInt8) in byte >= 48 && byte < 58 }
    guard let start = bytes[place...].firstIndex(where: isDigit) else { return }
    let end = bytes[start...].firstIndex { !isDigit($0) } ?? bytes.count
    let numbers = [
      "0", "1", "-1", "2", "255", "65536", "4294967296", "9223372036854775807",
      "9223372036854775808", "-9223372036854775808", "1e308", "1e999", "-0", "0.5", "1e-320",
    ]
    bytes.replaceSubrange(start..<end, with: (numbers.randomElement(using: &random) ?? "0").utf8)
  }
}
