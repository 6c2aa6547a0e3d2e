import HostSystem

/// Reads pickles of protocols 0 to 5 as data.
///
/// A pickle is a program for a small stack machine, which may call any Python function. This
/// machine knows only the globals of `PickleGlobal` and builds plain values instead. Work and
/// memory are limited by the size of the input.
package struct PickleReader {
  let path: String
  let bytes: UnsafeRawBufferPointer
  var position: Int
  var document = PickleDocument()
  var stack: [Int] = []
  private var memo: [Int: Int] = [:]
  /// The positions of values that are stored only once: None, true and false, small numbers.
  var shared: [Int: Int] = [:]
  /// Python's pickler collects a thousand elements before it appends them; tuples may be longer.
  static let deepestStack = 1 << 20
  /// The number of elements that may still be copied from one value into another.
  private var copies: Int

  /// Reads the pickle that starts at `position`, which is moved past it.
  ///
  /// - Parameters:
  ///   - bytes: A whole file, or a part of it.
  ///   - position: The start of the pickle; afterwards, its end.
  ///   - path: Named in errors.
  /// - Returns: The pickle's objects; nothing in it is executed.
  /// - Throws: ``ExchangeError/damagedPickle(path:offset:reason:)`` or
  ///   ``ExchangeError/forbiddenGlobal(path:name:)``.
  package static func read(
    _ bytes: UnsafeRawBufferPointer, at position: inout Int, path: String
  ) throws(ExchangeError) -> PickleDocument {
    var reader = PickleReader(bytes, position: position, path: path)
    try reader.run()
    position = reader.position
    return reader.document
  }

  private init(_ bytes: UnsafeRawBufferPointer, position: Int, path: String) {
    self.bytes = bytes
    self.position = position
    self.path = path
    copies = 4 * bytes.count + 1000
  }

  private mutating func run() throws(ExchangeError) {
    while true {
      let code = try byte()
      if code == UInt8(ascii: ".") {
        document.root = try pop()
        return
      }
      if try readConstant(code) { continue }
      if try readContainer(code) { continue }
      guard try readMachinery(code) else {
        position -= 1
        throw damaged("the instruction \(code) is not known")
      }
    }
  }

  // MARK: Instructions

  private mutating func readConstant(_ code: UInt8) throws(ExchangeError) -> Bool {
    switch Character(Unicode.Scalar(code)) {
    case "N": try pushShared(.none, -1)
    case "\u{88}": try pushShared(.boolean(true), -2)
    case "\u{89}": try pushShared(.boolean(false), -3)
    case "I": try push(integerLine())
    case "L": try push(integerLine())
    case "J": try push(.integer(Int(Int32(truncatingIfNeeded: try littleEndian(4)))))
    case "K":
      let number = try littleEndian(1)
      try pushShared(.integer(number), number)
    case "M": try push(.integer(try littleEndian(2)))
    case "\u{8a}": try push(integer(Array(try take(littleEndian(1)))))
    case "\u{8b}": try push(integer(Array(try take(littleEndian(4)))))
    case "F":
      guard let number = Double(try line()) else { throw damaged("a number is not readable") }
      try push(.number(number))
    case "G":
      var pattern: UInt64 = 0
      for byte in try take(8) { pattern = pattern << 8 | UInt64(byte) }
      try push(.number(Double(bitPattern: pattern)))
    case "X": try push(text(littleEndian(4)))
    case "\u{8c}": try push(text(littleEndian(1)))
    case "\u{8d}": try push(text(littleEndian(8)))
    case "V": try push(.string(try escapedLine()))
    case "S": try push(.string(try quotedLine()))
    // Python 2 used byte strings as texts.
    case "U": try push(text(littleEndian(1)))
    case "T": try push(text(littleEndian(4)))
    case "B": try push(.bytes(Array(try take(littleEndian(4)))))
    case "C": try push(.bytes(Array(try take(littleEndian(1)))))
    case "\u{8e}", "\u{96}": try push(.bytes(Array(try take(littleEndian(8)))))
    default: return false
    }
    return true
  }

  private mutating func readContainer(_ code: UInt8) throws(ExchangeError) -> Bool {
    switch Character(Unicode.Scalar(code)) {
    case "(": try pushShared(.mark, -4)
    case "]": try push(.list([]))
    case "}": try push(.dictionary([]))
    case ")": try push(.tuple([]))
    case "\u{8f}": try push(.list([]))
    case "l", "\u{91}": try push(.list(try popToMark()))
    case "d": try push(.dictionary(try entries(popToMark())))
    case "t": try push(.tuple(try popToMark()))
    case "\u{85}": try push(.tuple(try popLast(1)))
    case "\u{86}": try push(.tuple(try popLast(2)))
    case "\u{87}": try push(.tuple(try popLast(3)))
    case "a": try append(popLast(1))
    case "e", "\u{90}": try append(popToMark())
    case "s": try set(popLast(2))
    case "u": try set(popToMark())
    default: return false
    }
    return true
  }

  private mutating func readMachinery(_ code: UInt8) throws(ExchangeError) -> Bool {
    switch Character(Unicode.Scalar(code)) {
    case "\u{80}":
      let version = try byte()
      guard version <= 5 else { throw damaged("protocol \(version) is not known") }
    case "\u{95}":
      guard try littleEndian(8) <= bytes.count - position else {
        throw damaged("a frame is cut off")
      }
    case "0": _ = try pop()
    case "1": _ = try popToMark()
    case "2": try pushAgain(top())
    case "p": try remember(at: Int(line()))
    case "q": try remember(at: littleEndian(1))
    case "r": try remember(at: littleEndian(4))
    case "\u{94}": try remember(at: memo.count)
    case "g": try recall(Int(line()))
    case "h": try recall(littleEndian(1))
    case "j": try recall(littleEndian(4))
    case "c": try pushGlobal(module: line(), name: line())
    case "\u{93}":
      let parts = try popLast(2)
      try pushGlobal(module: string(at: parts[0]), name: string(at: parts[1]))
    case "R", "\u{81}":
      let parts = try popLast(2)
      try call(parts[0], arguments: parts[1])
    case "b": try build()
    case "Q": try pushStorage(identifier: pop())
    // A buffer outside the pickle is not available; a read-only view makes no difference here.
    case "\u{98}": break
    default: return false
    }
    return true
  }

  private mutating func pushGlobal(module: String, name: String) throws(ExchangeError) {
    guard let global = PickleGlobal(module: module, name: name) else {
      throw .forbiddenGlobal(path: path, name: "\(module).\(name)")
    }
    try push(.global(global))
  }

  private mutating func remember(at key: Int?) throws(ExchangeError) {
    guard let key else { throw damaged("a memo key is not readable") }
    memo[key] = try top()
  }

  private mutating func recall(_ key: Int?) throws(ExchangeError) {
    guard let key, let index = memo[key] else {
      throw damaged("a value is recalled before it is stored")
    }
    try pushAgain(index)
  }

  private mutating func append(_ elements: [Int]) throws(ExchangeError) {
    let place = try top()
    guard case .list(var list) = document.nodes[place] else {
      throw damaged("there is no list to append to")
    }
    document.nodes[place] = .none
    list += elements
    document.nodes[place] = .list(list)
  }

  private mutating func set(_ elements: [Int]) throws(ExchangeError) {
    let place = try top()
    guard case .dictionary(var known) = document.nodes[place] else {
      throw damaged("there is no dictionary to fill")
    }
    document.nodes[place] = .none
    known += try entries(elements)
    document.nodes[place] = .dictionary(known)
  }

  func entries(_ elements: [Int]) throws(ExchangeError) -> [PickleNode.Entry] {
    guard elements.count % 2 == 0 else { throw damaged("a key has no value") }
    return stride(from: 0, to: elements.count, by: 2).map {
      PickleNode.Entry(key: elements[$0], value: elements[$0 + 1])
    }
  }

  /// Counts elements that are copied, so that a small pickle cannot make a large value.
  mutating func spend(_ count: Int) throws(ExchangeError) {
    copies -= count
    guard copies >= 0 else { throw damaged("it copies its values too often") }
  }
}

// MARK: - Stack

extension PickleReader {
  mutating func push(_ node: PickleNode) throws(ExchangeError) {
    try spare(1)
    stack.append(document.nodes.count)
    document.nodes.append(node)
  }

  /// Pushes a value that never changes and that a pickle may contain millions of times.
  mutating func pushShared(_ node: PickleNode, _ key: Int) throws(ExchangeError) {
    guard let index = shared[key] else {
      shared[key] = document.nodes.count
      return try push(node)
    }
    guard stack.count < Self.deepestStack else { throw damaged("its stack is too deep") }
    stack.append(index)
  }

  /// Checks that memory for another value follows from the size of the input.
  private func spare(_ count: Int) throws(ExchangeError) {
    guard stack.count < Self.deepestStack else { throw damaged("its stack is too deep") }
    guard document.nodes.count < 1_000_000 + bytes.count / 3 else {
      throw damaged("it has more values than its size explains")
    }
  }

  /// Pushes an existing value.
  mutating func pushAgain(_ index: Int) throws(ExchangeError) {
    guard stack.count < Self.deepestStack else { throw damaged("its stack is too deep") }
    stack.append(index)
  }

  func top() throws(ExchangeError) -> Int {
    guard let index = stack.last else { throw damaged("the stack is empty") }
    return index
  }

  mutating func pop() throws(ExchangeError) -> Int {
    guard let index = stack.popLast() else { throw damaged("the stack is empty") }
    return index
  }

  mutating func popLast(_ count: Int) throws(ExchangeError) -> [Int] {
    guard stack.count >= count else { throw damaged("the stack is empty") }
    defer { stack.removeLast(count) }
    return Array(stack.suffix(count))
  }

  mutating func popToMark() throws(ExchangeError) -> [Int] {
    var elements: [Int] = []
    while let index = stack.popLast() {
      if case .mark = document.nodes[index] { return elements.reversed() }
      elements.append(index)
    }
    throw damaged("a mark is missing")
  }

  func damaged(_ reason: String) -> ExchangeError {
    .damagedPickle(path: path, offset: position, reason: reason)
  }
}

// MARK: - Bytes

extension PickleReader {
  mutating func byte() throws(ExchangeError) -> UInt8 {
    guard position < bytes.count else { throw damaged("it ends too early") }
    defer { position += 1 }
    return bytes[position]
  }

  /// The next bytes; their number is checked before anything is copied.
  mutating func take(_ count: Int) throws(ExchangeError) -> Slice<UnsafeRawBufferPointer> {
    guard count >= 0, count <= bytes.count - position else {
      throw damaged("\(count) bytes are announced, but there are only \(bytes.count - position)")
    }
    defer { position += count }
    return bytes[position..<position + count]
  }

  mutating func littleEndian(_ count: Int) throws(ExchangeError) -> Int {
    var value: UInt64 = 0
    for byte in try take(count).reversed() { value = value << 8 | UInt64(byte) }
    guard let result = Int(exactly: value) else { throw damaged("a length is too large") }
    return result
  }

  mutating func text(_ count: Int) throws(ExchangeError) -> PickleNode {
    .string(String(decoding: try take(count), as: UTF8.self))
  }

  mutating func line() throws(ExchangeError) -> String {
    guard let end = bytes[position...].firstIndex(of: 10) else {
      throw damaged("a line has no end")
    }
    defer { position = end + 1 }
    return String(decoding: bytes[position..<end], as: UTF8.self)
  }

  /// A text of protocol 0, without its quotes; escapes are not changed.
  mutating func quotedLine() throws(ExchangeError) -> String {
    let text = try line()
    guard let quote = text.first, quote == "'" || quote == "\"", text.count > 1, text.last == quote
    else { return text }
    return String(text.dropFirst().dropLast())
  }

  /// A text of protocol 0: Latin-1, other letters as `\uXXXX` or `\UXXXXXXXX`.
  mutating func escapedLine() throws(ExchangeError) -> String {
    guard let end = bytes[position...].firstIndex(of: 10) else {
      throw damaged("a line has no end")
    }
    var text = String.UnicodeScalarView()
    while position < end {
      let letter = bytes[position]
      position += 1
      let digits = position < end && letter == 92 ? [117: 4, 85: 8][bytes[position]] ?? 0 : 0
      guard digits > 0, position + digits < end else {
        text.append(Unicode.Scalar(letter))
        continue
      }
      let number = String(decoding: bytes[position + 1...position + digits], as: UTF8.self)
      guard let scalar = UInt32(number, radix: 16).flatMap(Unicode.Scalar.init) else {
        throw damaged("an escaped letter is not readable")
      }
      text.append(scalar)
      position += digits + 1
    }
    position = end + 1
    return String(text)
  }

  mutating func integerLine() throws(ExchangeError) -> PickleNode {
    var text = try line()
    if text == "00" || text == "01" { return .boolean(text == "01") }
    if text.ends(with: "L") { text.removeLast() }
    guard let value = Int(text) else { throw damaged("an integer is not readable") }
    return .integer(value)
  }

  func integer(_ bytes: [UInt8]) -> PickleNode {
    guard bytes.count <= 8 else { return .largeInteger(bytes) }
    var value: UInt64 = bytes.last.map { $0 >= 128 ? .max : 0 } ?? 0
    for byte in bytes.reversed() { value = value << 8 | UInt64(byte) }
    return .integer(Int(bitPattern: UInt(value)))
  }
}
