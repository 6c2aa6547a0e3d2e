import HostSystem

/// The Python functions and classes that a pickle may name; all others are refused.
///
/// None of them is called: each stands for data that ``PickleReader`` constructs itself.
enum PickleGlobal: Sendable, Hashable {
  case orderedDictionary
  case set
  case byteArray
  case encode
  case arrayClass
  case arrayReconstruction
  case arrayFromBuffer
  case scalar
  case elementType
  case tensor
  case parameter
  case device
  case size
  case storage(TorchElementType)

  /// Finds a global by its module and name; both spellings of NumPy's modules are known.
  init?(module: String, name: String) {
    if module == "torch", let type = TorchElementType(rawValue: name) {
      self = .storage(type)
      return
    }
    let module =
      module.dropping(prefix: "numpy._core.").map { "numpy.core." + $0 } ?? module
    guard let known = Self.known["\(module) \(name)"] else { return nil }
    self = known
  }

  private static let known: [String: PickleGlobal] = [
    "collections OrderedDict": .orderedDictionary,
    "builtins set": .set, "__builtin__ set": .set,
    "builtins frozenset": .set, "__builtin__ frozenset": .set,
    "builtins bytearray": .byteArray, "__builtin__ bytearray": .byteArray,
    "_codecs encode": .encode,
    "numpy ndarray": .arrayClass,
    "numpy dtype": .elementType,
    "numpy.core.multiarray _reconstruct": .arrayReconstruction,
    "numpy.core.multiarray scalar": .scalar,
    "numpy.core.numeric _frombuffer": .arrayFromBuffer,
    "torch._utils _rebuild_tensor_v2": .tensor,
    "torch._utils _rebuild_parameter": .parameter,
    "torch device": .device,
    "torch Size": .size,
  ]
}
