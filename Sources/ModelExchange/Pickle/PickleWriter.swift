import Foundation
import HostSystem

/// A Python object to pickle.
enum PythonValue {
  case none
  case boolean(Bool)
  case integer(Int)
  case number(Double)
  case string(String)
  case list([PythonValue])
  case tuple([PythonValue])
  case dictionary([(key: PythonValue, value: PythonValue)], isOrdered: Bool = false)
  /// A NumPy array of one axis.
  case integerArray([Int])
  case numberArray([Double])
  /// A `torch.device`.
  case device(String)
  /// A tensor of 32-bit floats in the storage with this number.
  case tensor(storage: Int, shape: [Int])

  /// A dictionary with texts as keys.
  static func keyed(_ entries: [(String, PythonValue)]) -> PythonValue {
    .dictionary(entries.map { (.string($0.0), $0.1) })
  }

  /// A dictionary with numbers as keys, in their order.
  static func numbered(_ entries: [Int: PythonValue], isOrdered: Bool = false) -> PythonValue {
    .dictionary(
      entries.sorted { $0.key < $1.key }.map { (.integer($0.key), $0.value) }, isOrdered: isOrdered)
  }
}

/// Writes Python objects as pickles that every Python 3 can load.
///
/// Protocol 2, as `torch.save` uses it, so that PyTorch's restricted loader also accepts the file.
struct PickleWriter {
  private(set) var data = Data()

  /// The pickle of a value.
  static func pickle(_ value: PythonValue) -> Data {
    var writer = PickleWriter()
    writer.data.append(contentsOf: [0x80, 2])
    writer.write(value)
    writer.code(".")
    return writer.data
  }

  private mutating func code(_ text: String) { data.append(contentsOf: text.utf8) }

  private mutating func number<Value: FixedWidthInteger>(_ value: Value) {
    withUnsafeBytes(of: value.littleEndian) { data.append(contentsOf: $0) }
  }

  private mutating func write(_ value: PythonValue) {
    switch value {
    case .none: code("N")
    case .boolean(let value): data.append(value ? 0x88 : 0x89)
    case .integer(let value): write(value)
    case .number(let value):
      code("G")
      withUnsafeBytes(of: value.bitPattern.bigEndian) { data.append(contentsOf: $0) }
    case .string(let text): write(text)
    case .list(let elements):
      code("](")
      for element in elements { write(element) }
      code("e")
    case .tuple(let elements): tuple(elements)
    case .dictionary(let entries, let isOrdered):
      if isOrdered {
        global("collections", "OrderedDict")
        code(")R")
      } else {
        code("}")
      }
      code("(")
      for entry in entries {
        write(entry.key)
        write(entry.value)
      }
      code("u")
    case .integerArray(let values):
      array(count: values.count, type: "i8", bytes: values.map { UInt64(bitPattern: Int64($0)) })
    case .numberArray(let values):
      array(count: values.count, type: "f8", bytes: values.map(\.bitPattern))
    case .device(let name):
      global("torch", "device")
      tuple([.string(name)])
      code("R")
    case .tensor(let storage, let shape): tensor(storage, shape)
    }
  }

  private mutating func write(_ value: Int) {
    if let small = Int32(exactly: value) {
      code("J")
      number(small)
    } else {
      data.append(contentsOf: [0x8a, 8])
      number(Int64(value))
    }
  }

  private mutating func write(_ text: String) {
    code("X")
    number(UInt32(text.utf8.count))
    data.append(contentsOf: text.utf8)
  }

  private mutating func tuple(_ elements: [PythonValue]) {
    code("(")
    for element in elements { write(element) }
    code("t")
  }

  private mutating func global(_ module: String, _ name: String) { code("c\(module)\n\(name)\n") }

  /// `_reconstruct(ndarray, (0,), b"b")` with the state `(1, shape, dtype, False, bytes)`, as NumPy 1
  /// writes it and NumPy 2 reads it.
  private mutating func array(count: Int, type: String, bytes: [UInt64]) {
    global("numpy.core.multiarray", "_reconstruct")
    code("(")
    global("numpy", "ndarray")
    tuple([.integer(0)])
    self.bytes([UInt8(ascii: "b")])
    code("tR(")
    write(1)
    tuple([.integer(count)])
    global("numpy", "dtype")
    tuple([.string(type), .boolean(false), .boolean(true)])
    code("R")
    tuple([.integer(3), .string("<"), .none, .none, .none, .integer(-1), .integer(-1), .integer(0)])
    code("b")
    data.append(0x89)
    self.bytes(
      bytes.flatMap { pattern in (0..<8).map { UInt8(truncatingIfNeeded: pattern >> (8 * $0)) } })
    code("tb")
  }

  /// Protocol 2 has no bytes: they are encoded text.
  private mutating func bytes(_ bytes: [UInt8]) {
    global("_codecs", "encode")
    var text = ""
    for byte in bytes { text.unicodeScalars.append(Unicode.Scalar(byte)) }
    tuple([.string(text), .string("latin1")])
    code("R")
  }

  private mutating func tensor(_ storage: Int, _ shape: [Int]) {
    let count = shape.trustedProduct
    global("torch._utils", "_rebuild_tensor_v2")
    code("((")
    write("storage")
    global("torch", "FloatStorage")
    write(String(storage))
    write("cpu")
    write(count)
    code("tQ")
    write(0)
    tuple(shape.map { .integer($0) })
    var strides: [Int] = []
    var stride = 1
    for extent in shape.reversed() {
      strides.insert(stride, at: 0)
      stride *= extent
    }
    tuple(strides.map { .integer($0) })
    data.append(0x89)
    global("collections", "OrderedDict")
    code(")RtR")
  }
}
