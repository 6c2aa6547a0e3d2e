package import Arrays
package import Foundation
import HostSystem

/// A file written by `torch.save`: the pickled object and the elements of its tensors.
///
/// It reads both layouts, the zip archive of PyTorch 1.6 and later and the earlier one. Nothing is
/// executed; tensors are read one at a time on request.
package struct TorchFile {
  /// The saved object.
  package let value: PickleValue
  private let file: MappedFile
  private let path: String
  private let storages: [String: UnsafeRawBufferPointer]

  /// Opens a file.
  ///
  /// - Throws: `FileError` or ``ExchangeError``.
  package init(contentsOf url: URL) throws {
    file = try MappedFile(at: url)
    path = url.path
    if StoredArchive.isArchive(file) {
      let archive = try StoredArchive(file, path: url.path)
      guard let pickle = archive.bytes(of: "data.pkl") else {
        throw ExchangeError.damagedTorchFile(path: url.path, reason: "it has no data.pkl")
      }
      if let order = archive.bytes(of: "byteorder"), order.elementsEqual("big".utf8) {
        throw ExchangeError.damagedTorchFile(path: url.path, reason: "it is big-endian")
      }
      var position = 0
      value = try PickleReader.read(pickle, at: &position, path: url.path).value
      var found: [String: UnsafeRawBufferPointer] = [:]
      for name in archive.places.keys {
        guard let key = name.dropping(prefix: "data/") else { continue }
        found[String(key)] = archive.bytes(of: name)
      }
      storages = found
    } else {
      (value, storages) = try Self.readOldLayout(file.bytes, path: url.path)
    }
  }

  /// PyTorch before 1.6: five pickles, then the storages in the order that the last one names.
  private static func readOldLayout(
    _ bytes: UnsafeRawBufferPointer, path: String
  ) throws(ExchangeError) -> (PickleValue, [String: UnsafeRawBufferPointer]) {
    var position = 0
    let magic = try PickleReader.read(bytes, at: &position, path: path)
    guard case .largeInteger(let digits) = magic.value.node, digits == oldMagic else {
      throw .damagedTorchFile(path: path, reason: "it does not begin like a PyTorch file")
    }
    _ = try PickleReader.read(bytes, at: &position, path: path)
    _ = try PickleReader.read(bytes, at: &position, path: path)
    let object = try PickleReader.read(bytes, at: &position, path: path)
    let keys = try PickleReader.read(bytes, at: &position, path: path)
    var sizes: [String: Int] = [:]
    for case .storage(let storage) in object.nodes { sizes[storage.key] = storage.type.size }
    var storages: [String: UnsafeRawBufferPointer] = [:]
    for key in keys.value.elements ?? [] {
      guard let key = key.string, let size = sizes[key], bytes.count - position >= 8 else {
        throw .damagedTorchFile(path: path, reason: "its storages are cut off")
      }
      let count = bytes.loadUnaligned(fromByteOffset: position, as: Int64.self).littleEndian
      position += 8
      guard count >= 0, Int(count) <= (bytes.count - position) / size else {
        throw .damagedTorchFile(path: path, reason: "storage \(key) is cut off")
      }
      storages[key] = UnsafeRawBufferPointer(
        rebasing: bytes[position..<position + Int(count) * size])
      position += Int(count) * size
    }
    return (object.value, storages)
  }

  /// 0x1950a86a20f9469cfc6c, little-endian.
  private static let oldMagic: [UInt8] = [
    0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19,
  ]

  /// Reads the tensors of a dictionary in its order, converted to 32-bit floats.
  ///
  /// - Parameters:
  ///   - dictionary: A `state_dict`; entries that are not tensors are ignored.
  ///   - isIncluded: Which names to read.
  /// - Returns: The tensors with their names; empty if `dictionary` is not a dictionary.
  /// - Throws: ``ExchangeError/damagedTorchFile(path:reason:)`` if elements are missing, lie
  ///   outside the file or are shared suspiciously often.
  package func arrays(
    of dictionary: PickleValue, where isIncluded: (String) -> Bool = { _ in true }
  ) throws(ExchangeError) -> [(name: String, array: DenseArray<Float>)] {
    var result: [(name: String, array: DenseArray<Float>)] = []
    // Networks name some tensors twice; a small file that names one a thousand times is an attack.
    var left = 4 * file.bytes.count
    for (key, value) in dictionary.entries ?? [] {
      guard let name = key.string, isIncluded(name), let tensor = value.tensor else { continue }
      guard let count = checkedProduct(tensor.shape), count <= left else {
        throw .damagedTorchFile(path: path, reason: "its tensors share their elements too often")
      }
      left -= count
      result.append((name, try array(of: tensor, name: name)))
    }
    guard !file.isCut else {
      throw .damagedTorchFile(path: path, reason: "it became shorter while it was read")
    }
    return result
  }

  private func array(
    of tensor: PickledTensor, name: String
  ) throws(ExchangeError) -> DenseArray<Float> {
    guard let bytes = storages[tensor.storage.key] else {
      throw .damagedTorchFile(path: path, reason: "the elements of \(name) are missing")
    }
    let available = bytes.count / tensor.storage.type.size
    guard let count = checkedProduct(tensor.shape), tensor.shape.count == tensor.strides.count,
      tensor.shape.count <= 8, count <= available, tensor.offset >= 0,
      Self.lastElement(of: tensor).map({ $0 < available }) ?? false || count == 0
    else {
      throw .damagedTorchFile(
        path: path,
        reason: "\(name) of shape \(tensor.shape) does not fit its \(available) elements")
    }
    let isDense = tensor.strides == Self.denseStrides(tensor.shape) || count <= 1
    let scalars = [Float](unsafeUninitializedCapacity: count) { buffer, filled in
      let type = tensor.storage.type
      if type == .float32 && isDense {
        let size = count * 4
        if size > 0 {
          UnsafeMutableRawBufferPointer(buffer).copyMemory(
            from: UnsafeRawBufferPointer(
              rebasing: bytes[tensor.offset * 4..<tensor.offset * 4 + size]))
        }
      } else {
        var place = [Int](repeating: 0, count: tensor.shape.count)
        var offset = tensor.offset
        for index in 0..<count {
          buffer[index] = type.scalar(bytes, at: offset)
          for axis in tensor.shape.indices.reversed() {
            place[axis] += 1
            offset += tensor.strides[axis]
            if place[axis] < tensor.shape[axis] { break }
            offset -= tensor.strides[axis] * tensor.shape[axis]
            place[axis] = 0
          }
        }
      }
      filled = count
    }
    return DenseArray(shape: tensor.shape, scalars: scalars)
  }

  /// The position of the last element; nil for strides that are negative or too large.
  private static func lastElement(of tensor: PickledTensor) -> Int? {
    var last = tensor.offset
    for (extent, stride) in zip(tensor.shape, tensor.strides) {
      let (step, overflow) = stride.multipliedReportingOverflow(by: max(extent - 1, 0))
      let (sum, sumOverflow) = last.addingReportingOverflow(step)
      guard stride >= 0, !overflow, !sumOverflow else { return nil }
      last = sum
    }
    return last
  }

  private static func denseStrides(_ shape: [Int]) -> [Int] {
    var strides = shape
    var stride = 1
    for axis in shape.indices.reversed() {
      strides[axis] = stride
      stride *= shape[axis]
    }
    return strides
  }
}

extension TorchElementType {
  /// The element at a position, which must lie within `bytes`.
  func scalar(_ bytes: UnsafeRawBufferPointer, at index: Int) -> Float {
    func load<Value>(_ type: Value.Type) -> Value {
      bytes.loadUnaligned(fromByteOffset: index * size, as: type)
    }
    return switch self {
    case .float32: load(Float.self)
    case .float64: Float(load(Double.self))
    case .float16: halfPrecision(load(UInt16.self))
    case .bfloat16: Float(bitPattern: UInt32(load(UInt16.self)) << 16)
    case .int64: Float(load(Int64.self))
    case .int32: Float(load(Int32.self))
    case .int16: Float(load(Int16.self))
    case .int8: Float(load(Int8.self))
    case .uint8: Float(load(UInt8.self))
    case .boolean: load(UInt8.self) == 0 ? 0 : 1
    }
  }
}
