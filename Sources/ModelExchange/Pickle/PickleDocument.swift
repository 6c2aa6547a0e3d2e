import HostSystem

/// The content of a pickle as data: nothing in it was executed.
///
/// All values are in one list and refer to each other by position, because pickles may share values
/// and may even contain themselves. A ``PickleValue`` is one of them.
package struct PickleDocument: Sendable {
  var nodes: [PickleNode] = []
  var root = 0

  /// The pickled object.
  package var value: PickleValue { PickleValue(document: self, index: root) }
}

/// One value of a pickle; parts are positions in the document.
enum PickleNode: Sendable {
  case mark
  case none
  case boolean(Bool)
  case integer(Int)
  /// An integer that does not fit into 64 bits: its little-endian bytes.
  case largeInteger([UInt8])
  case number(Double)
  case string(String)
  case bytes([UInt8])
  case list([Int])
  case tuple([Int])
  case dictionary([Entry])
  case global(PickleGlobal)
  case elementType(NumPyType)
  case array(PickledArray)
  case storage(TorchStorage)
  case tensor(PickledTensor)

  /// A key and its value, by position.
  struct Entry: Sendable {
    var key: Int
    var value: Int
  }
}

/// A NumPy array in a pickle.
struct PickledArray: Sendable {
  var type = NumPyType()
  var shape: [Int] = []
  var isColumnMajor = false
  /// The position of the elements: bytes, or a list for arrays of Python objects.
  var elements: Int?
}

/// The type of a NumPy array's elements.
struct NumPyType: Sendable, Hashable {
  /// NumPy's letter: b, i, u, f, U (UTF-32 text), S (bytes) or O (Python objects).
  var kind: Character = "O"
  var size = 0
  var isBigEndian = false

  /// Parses texts such as `f8`, `<U17` or `O8`.
  init?(_ text: String) {
    var letters = Substring(text)
    if let order = letters.first, "<>|=".contains(order) {
      isBigEndian = order == ">"
      letters.removeFirst()
    }
    guard let kind = letters.popFirst(), "biufUSO".contains(kind) else { return nil }
    guard let number = Int(letters), 0...1_000_000 ~= number else { return nil }
    self.kind = kind
    size = kind == "U" ? number * 4 : number
    let sizes: [Character: Set<Int>] = [
      "b": [1], "i": [1, 2, 4, 8], "u": [1, 2, 4, 8], "f": [2, 4, 8],
    ]
    if let allowed = sizes[kind], !allowed.contains(size) { return nil }
  }

  init() {}
}

/// A block of elements that tensors view.
struct TorchStorage: Sendable, Hashable {
  /// The name of the storage in the file.
  var key: String
  var type: TorchElementType
  var count: Int
}

/// A tensor in a pickle: a view of a storage.
struct PickledTensor: Sendable, Hashable {
  var storage: TorchStorage
  var offset: Int
  var shape: [Int]
  var strides: [Int]
}

/// The element types of PyTorch's storages.
enum TorchElementType: String, Sendable, Hashable, CaseIterable {
  case float32 = "FloatStorage"
  case float64 = "DoubleStorage"
  case float16 = "HalfStorage"
  case bfloat16 = "BFloat16Storage"
  case int64 = "LongStorage"
  case int32 = "IntStorage"
  case int16 = "ShortStorage"
  case int8 = "CharStorage"
  case uint8 = "ByteStorage"
  case boolean = "BoolStorage"

  /// Bytes per element.
  var size: Int {
    switch self {
    case .float64, .int64: 8
    case .float32, .int32: 4
    case .float16, .bfloat16, .int16: 2
    case .int8, .uint8, .boolean: 1
    }
  }
}
