import HostSystem

/// The few objects that are constructed from a global and its arguments.
extension PickleReader {
  mutating func call(_ function: Int, arguments: Int) throws(ExchangeError) {
    guard case .global(let global) = document.nodes[function] else {
      throw damaged("something is called that is not a function")
    }
    guard case .tuple(let arguments) = document.nodes[arguments] else {
      throw damaged("arguments are not a tuple")
    }
    switch global {
    case .orderedDictionary: try push(orderedDictionary(arguments))
    case .set, .size:
      try push(arguments.isEmpty ? .list([]) : .list(try copiedElements(arguments[0])))
    case .byteArray:
      try push(arguments.isEmpty ? .bytes([]) : .bytes(try copiedBytes(arguments[0])))
    case .encode: try push(.bytes(try latin1(arguments)))
    case .elementType: try push(.elementType(try elementType(arguments)))
    case .arrayReconstruction: try push(.array(PickledArray()))
    case .arrayFromBuffer: try push(.array(try arrayFromBuffer(arguments)))
    case .scalar: try push(scalar(arguments))
    case .tensor: try push(.tensor(try tensor(arguments)))
    case .parameter: try pushAgain(argument(arguments, 0))
    case .device: try pushAgain(argument(arguments, 0))
    case .arrayClass, .storage:
      throw damaged("a class is called that nnU-Net's files only name")
    }
  }

  /// Sets the state of the topmost object.
  mutating func build() throws(ExchangeError) {
    let state = try pop()
    let place = try top()
    switch document.nodes[place] {
    case .elementType(var type):
      let parts = try elements(state)
      if parts.count > 1, case .string(let order) = document.nodes[parts[1]] {
        type.isBigEndian = order == ">"
      }
      if parts.count > 3, case .none = document.nodes[parts[3]] {
      } else if parts.count > 3 {
        throw damaged("an array has named fields")
      }
      document.nodes[place] = .elementType(type)
    case .array:
      let parts = try elements(state)
      guard parts.count == 5, case .elementType(let type) = document.nodes[parts[2]] else {
        throw damaged("the state of an array is not as expected")
      }
      document.nodes[place] = .array(
        try array(type, shape: parts[1], isColumnMajor: boolean(parts[3]), elements: parts[4]))
    // The attributes of a dictionary (a state_dict has `_metadata`) are of no use.
    case .dictionary: break
    default: throw damaged("a state is set where none is expected")
    }
  }

  /// Makes a storage of PyTorch's `("storage", class, key, location, count)`.
  mutating func pushStorage(identifier: Int) throws(ExchangeError) {
    let parts = try elements(identifier)
    guard parts.count >= 5, try string(at: parts[0]) == "storage",
      case .global(.storage(let type)) = document.nodes[parts[1]]
    else { throw damaged("a storage is not as expected") }
    let count = try integer(at: parts[4])
    guard count >= 0 else { throw damaged("a storage has \(count) elements") }
    try push(.storage(TorchStorage(key: try string(at: parts[2]), type: type, count: count)))
  }
}

extension PickleReader {
  private mutating func orderedDictionary(_ arguments: [Int]) throws(ExchangeError) -> PickleNode {
    guard let pairs = arguments.first else { return .dictionary([]) }
    var entries: [PickleNode.Entry] = []
    for pair in try copiedElements(pairs) {
      let parts = try elements(pair)
      guard parts.count == 2 else { throw damaged("a dictionary is not made of pairs") }
      entries.append(PickleNode.Entry(key: parts[0], value: parts[1]))
    }
    return .dictionary(entries)
  }

  /// Bytes that Python 2's protocols write as text.
  private mutating func latin1(_ arguments: [Int]) throws(ExchangeError) -> [UInt8] {
    let text = try string(at: argument(arguments, 0))
    guard try string(at: argument(arguments, 1)) == "latin1" else {
      throw damaged("an encoding other than latin1 is asked for")
    }
    try spend(text.utf8.count)
    var bytes: [UInt8] = []
    for scalar in text.unicodeScalars {
      guard let byte = UInt8(exactly: scalar.value) else { throw damaged("a text is not latin1") }
      bytes.append(byte)
    }
    return bytes
  }

  private func elementType(_ arguments: [Int]) throws(ExchangeError) -> NumPyType {
    let text = try string(at: argument(arguments, 0))
    guard let type = NumPyType(text) else { throw damaged("the element type \(text) is not known") }
    return type
  }

  private func arrayFromBuffer(_ arguments: [Int]) throws(ExchangeError) -> PickledArray {
    guard case .elementType(let type) = document.nodes[try argument(arguments, 1)] else {
      throw damaged("an array has no element type")
    }
    let order = arguments.count > 3 ? try string(at: arguments[3]) : "C"
    return try array(
      type, shape: argument(arguments, 2), isColumnMajor: order == "F",
      elements: argument(arguments, 0))
  }

  private func array(
    _ type: NumPyType, shape: Int, isColumnMajor: Bool, elements place: Int
  ) throws(ExchangeError) -> PickledArray {
    let shape = try integers(shape)
    let available: Int
    switch document.nodes[place] {
    case .bytes(let bytes) where type.kind != "O": available = bytes.count
    case .list(let list) where type.kind == "O": available = list.count
    default: throw damaged("the elements of an array are not as expected")
    }
    let size = type.kind == "O" ? 1 : type.size
    guard shape.count <= 32, let count = checkedProduct(shape),
      !count.multipliedReportingOverflow(by: size).overflow,
      count * size == available, count <= max(available, 1)
    else { throw damaged("an array of shape \(shape) has \(available) bytes") }
    return PickledArray(
      type: type, shape: shape, isColumnMajor: isColumnMajor, elements: place)
  }

  private func scalar(_ arguments: [Int]) throws(ExchangeError) -> PickleNode {
    guard case .elementType(let type) = document.nodes[try argument(arguments, 0)],
      case .bytes(let bytes) = document.nodes[try argument(arguments, 1)], bytes.count == type.size,
      let node = type.node(of: bytes[...])
    else { throw damaged("a number is not as expected") }
    return node
  }

  private func tensor(_ arguments: [Int]) throws(ExchangeError) -> PickledTensor {
    guard case .storage(let storage) = document.nodes[try argument(arguments, 0)] else {
      throw damaged("a tensor has no storage")
    }
    return PickledTensor(
      storage: storage, offset: try integer(at: argument(arguments, 1)),
      shape: try integers(argument(arguments, 2)), strides: try integers(argument(arguments, 3)))
  }
}

// MARK: - Access

extension PickleReader {
  private func argument(_ arguments: [Int], _ index: Int) throws(ExchangeError) -> Int {
    guard index < arguments.count else { throw damaged("an argument is missing") }
    return arguments[index]
  }

  func string(at index: Int) throws(ExchangeError) -> String {
    guard case .string(let text) = document.nodes[index] else {
      throw damaged("a text was expected")
    }
    return text
  }

  private func integer(at index: Int) throws(ExchangeError) -> Int {
    guard case .integer(let value) = document.nodes[index] else {
      throw damaged("an integer was expected")
    }
    return value
  }

  private func boolean(_ index: Int) throws(ExchangeError) -> Bool {
    switch document.nodes[index] {
    case .boolean(let value): return value
    case .integer(let value): return value != 0
    default: throw damaged("true or false was expected")
    }
  }

  private func elements(_ index: Int) throws(ExchangeError) -> [Int] {
    switch document.nodes[index] {
    case .list(let elements), .tuple(let elements): return elements
    default: throw damaged("a list was expected")
    }
  }

  private func integers(_ index: Int) throws(ExchangeError) -> [Int] {
    var result: [Int] = []
    for element in try elements(index) { result.append(try integer(at: element)) }
    return result
  }

  private mutating func copiedElements(_ index: Int) throws(ExchangeError) -> [Int] {
    let elements = try elements(index)
    try spend(elements.count)
    return elements
  }

  private mutating func copiedBytes(_ index: Int) throws(ExchangeError) -> [UInt8] {
    guard case .bytes(let bytes) = document.nodes[index] else {
      throw damaged("bytes were expected")
    }
    try spend(bytes.count)
    return bytes
  }
}
