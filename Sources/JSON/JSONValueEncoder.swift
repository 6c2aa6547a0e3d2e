import HostSystem

/// Encodes Codable values into a ``JSONValue``.
struct JSONValueEncoder: Encoder {
  fileprivate let node: Node
  let codingPath: [any CodingKey]
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  static func encode<Value: Encodable>(_ value: Value) throws -> JSONValue {
    let node = Node()
    try node.encode(value, codingPath: [])
    return node.value
  }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    node.becomeObject()
    return KeyedEncodingContainer(KeyedContainer(node: node, codingPath: codingPath))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    node.becomeArray()
    return UnkeyedContainer(node: node, codingPath: codingPath)
  }

  func singleValueContainer() -> any SingleValueEncodingContainer {
    SingleContainer(node: node, codingPath: codingPath)
  }
}

/// A value that is being written; encoders and containers of one value share it.
private final class Node {
  private var scalar = JSONValue.null
  private var members: [(key: String, node: Node)]?
  private(set) var elements: [Node]?

  var value: JSONValue {
    if let members { return .object(members.map { .init(key: $0.key, value: $0.node.value) }) }
    if let elements { return .array(elements.map(\.value)) }
    return scalar
  }

  func becomeObject() { members = members ?? [] }
  func becomeArray() { elements = elements ?? [] }
  func set(_ value: JSONValue) { scalar = value }

  func member(_ key: String) -> Node {
    let node = Node()
    members?.append((key, node))
    return node
  }

  func element() -> Node {
    let node = Node()
    elements?.append(node)
    return node
  }

  func encode<Value: Encodable>(_ value: Value, codingPath: [any CodingKey]) throws {
    switch value {
    case let number as Double: set(.number(number))
    case let number as Float: set(.number(Double(number)))
    case let integer as Int: set(.integer(integer))
    case let string as String: set(.string(string))
    case let boolean as Bool: set(.boolean(boolean))
    default: try value.encode(to: JSONValueEncoder(node: self, codingPath: codingPath))
    }
  }

  func set<Integer: FixedWidthInteger>(integer: Integer, codingPath: [any CodingKey]) throws {
    guard let value = Int(exactly: integer) else {
      throw EncodingError.invalidValue(
        integer, .init(codingPath: codingPath, debugDescription: "more than 64 bits"))
    }
    set(.integer(value))
  }
}

private struct SingleContainer: SingleValueEncodingContainer {
  let node: Node
  let codingPath: [any CodingKey]

  func encodeNil() { node.set(.null) }
  func encode(_ value: Bool) { node.set(.boolean(value)) }
  func encode(_ value: String) { node.set(.string(value)) }
  func encode(_ value: Double) { node.set(.number(value)) }
  func encode(_ value: Float) { node.set(.number(Double(value))) }
  func encode(_ value: Int) { node.set(.integer(value)) }
  func encode(_ value: Int8) { node.set(.integer(Int(value))) }
  func encode(_ value: Int16) { node.set(.integer(Int(value))) }
  func encode(_ value: Int32) { node.set(.integer(Int(value))) }
  func encode(_ value: Int64) { node.set(.integer(Int(value))) }
  func encode(_ value: UInt) throws { try node.set(integer: value, codingPath: codingPath) }
  func encode(_ value: UInt8) { node.set(.integer(Int(value))) }
  func encode(_ value: UInt16) { node.set(.integer(Int(value))) }
  func encode(_ value: UInt32) { node.set(.integer(Int(value))) }
  func encode(_ value: UInt64) throws { try node.set(integer: value, codingPath: codingPath) }
  func encode<Value: Encodable>(_ value: Value) throws {
    try node.encode(value, codingPath: codingPath)
  }
}

private struct KeyedContainer<Key: CodingKey>: KeyedEncodingContainerProtocol {
  let node: Node
  let codingPath: [any CodingKey]

  private func single(_ key: Key) -> SingleContainer {
    SingleContainer(node: node.member(key.stringValue), codingPath: codingPath + [key])
  }

  func encodeNil(forKey key: Key) { single(key).encodeNil() }
  func encode(_ value: Bool, forKey key: Key) { single(key).encode(value) }
  func encode(_ value: String, forKey key: Key) { single(key).encode(value) }
  func encode(_ value: Double, forKey key: Key) { single(key).encode(value) }
  func encode(_ value: Float, forKey key: Key) { single(key).encode(value) }
  func encode(_ value: Int, forKey key: Key) { single(key).encode(value) }
  func encode(_ value: Int8, forKey key: Key) { single(key).encode(value) }
  func encode(_ value: Int16, forKey key: Key) { single(key).encode(value) }
  func encode(_ value: Int32, forKey key: Key) { single(key).encode(value) }
  func encode(_ value: Int64, forKey key: Key) { single(key).encode(value) }
  func encode(_ value: UInt, forKey key: Key) throws { try single(key).encode(value) }
  func encode(_ value: UInt8, forKey key: Key) { single(key).encode(value) }
  func encode(_ value: UInt16, forKey key: Key) { single(key).encode(value) }
  func encode(_ value: UInt32, forKey key: Key) { single(key).encode(value) }
  func encode(_ value: UInt64, forKey key: Key) throws { try single(key).encode(value) }
  func encode<Value: Encodable>(_ value: Value, forKey key: Key) throws {
    try single(key).encode(value)
  }

  private func encoder(_ key: any CodingKey) -> JSONValueEncoder {
    JSONValueEncoder(node: node.member(key.stringValue), codingPath: codingPath + [key])
  }
  func nestedContainer<NestedKey: CodingKey>(
    keyedBy type: NestedKey.Type, forKey key: Key
  ) -> KeyedEncodingContainer<NestedKey> { encoder(key).container(keyedBy: type) }
  func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
    encoder(key).unkeyedContainer()
  }
  func superEncoder() -> any Encoder { encoder(JSONPathKey(stringValue: "super")) }
  func superEncoder(forKey key: Key) -> any Encoder { encoder(key) }
}

private struct UnkeyedContainer: UnkeyedEncodingContainer {
  let node: Node
  let codingPath: [any CodingKey]
  var count: Int { node.elements?.count ?? 0 }

  private func single() -> SingleContainer {
    SingleContainer(node: node.element(), codingPath: codingPath)
  }

  func encodeNil() { single().encodeNil() }
  func encode(_ value: Bool) { single().encode(value) }
  func encode(_ value: String) { single().encode(value) }
  func encode(_ value: Double) { single().encode(value) }
  func encode(_ value: Float) { single().encode(value) }
  func encode(_ value: Int) { single().encode(value) }
  func encode(_ value: Int8) { single().encode(value) }
  func encode(_ value: Int16) { single().encode(value) }
  func encode(_ value: Int32) { single().encode(value) }
  func encode(_ value: Int64) { single().encode(value) }
  func encode(_ value: UInt) throws { try single().encode(value) }
  func encode(_ value: UInt8) { single().encode(value) }
  func encode(_ value: UInt16) { single().encode(value) }
  func encode(_ value: UInt32) { single().encode(value) }
  func encode(_ value: UInt64) throws { try single().encode(value) }
  func encode<Value: Encodable>(_ value: Value) throws { try single().encode(value) }

  private func encoder() -> JSONValueEncoder {
    JSONValueEncoder(node: node.element(), codingPath: codingPath)
  }
  func nestedContainer<NestedKey: CodingKey>(
    keyedBy type: NestedKey.Type
  ) -> KeyedEncodingContainer<NestedKey> { encoder().container(keyedBy: type) }
  func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { encoder().unkeyedContainer() }
  func superEncoder() -> any Encoder { encoder() }
}
