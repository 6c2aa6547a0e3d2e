internal import CTorch
import HostSystem

/// Arithmetic; shapes are broadcast as in numpy.
extension Tensor {
  /// The sum, element by element.
  public static func + (left: Tensor, right: Tensor) throws(TorchError) -> Tensor {
    try binary(CT_ADD, left, right)
  }

  /// The difference, element by element.
  public static func - (left: Tensor, right: Tensor) throws(TorchError) -> Tensor {
    try binary(CT_SUBTRACT, left, right)
  }

  /// The product, element by element.
  public static func * (left: Tensor, right: Tensor) throws(TorchError) -> Tensor {
    try binary(CT_MULTIPLY, left, right)
  }

  /// The quotient, element by element; integers become floating-point numbers.
  public static func / (left: Tensor, right: Tensor) throws(TorchError) -> Tensor {
    try binary(CT_DIVIDE, left, right)
  }

  /// Adds a number to every element.
  public static func + (left: Tensor, right: Double) throws(TorchError) -> Tensor {
    try binary(CT_ADD, left, right)
  }

  /// Subtracts a number from every element.
  public static func - (left: Tensor, right: Double) throws(TorchError) -> Tensor {
    try binary(CT_SUBTRACT, left, right)
  }

  /// Multiplies every element by a number.
  public static func * (left: Tensor, right: Double) throws(TorchError) -> Tensor {
    try binary(CT_MULTIPLY, left, right)
  }

  /// Divides every element by a number; integers become floating-point numbers.
  public static func / (left: Tensor, right: Double) throws(TorchError) -> Tensor {
    try binary(CT_DIVIDE, left, right)
  }

  /// Every element with the opposite sign.
  public static prefix func - (tensor: Tensor) throws(TorchError) -> Tensor {
    try tensor.unary(CT_NEGATE)
  }

  /// Where both are equal, as bool.
  public func equals(_ other: Tensor) throws(TorchError) -> Tensor {
    try Tensor.binary(CT_EQUAL, self, other)
  }

  /// The larger of both, element by element.
  public func maximum(_ other: Tensor) throws(TorchError) -> Tensor {
    try Tensor.binary(CT_MAXIMUM, self, other)
  }

  /// Every element without its sign.
  public func absolute() throws(TorchError) -> Tensor { try unary(CT_ABSOLUTE) }
  /// e to the power of every element.
  public func exponential() throws(TorchError) -> Tensor { try unary(CT_EXPONENTIAL) }
  /// The natural logarithm of every element; NaN for negative ones.
  public func logarithm() throws(TorchError) -> Tensor { try unary(CT_LOGARITHM) }
  /// The square root of every element; NaN for negative ones.
  public func squareRoot() throws(TorchError) -> Tensor { try unary(CT_SQUARE_ROOT) }
  /// `1 / (1 + exp(-x))` of every element.
  public func sigmoid() throws(TorchError) -> Tensor { try unary(CT_SIGMOID) }

  /// Sums over `axes`, or over everything if there are none.
  public func sum(axes: [Int] = [], keepingAxes: Bool = false) throws(TorchError) -> Tensor {
    try reduced(CT_SUM, axes, keepingAxes)
  }

  /// Averages over `axes`, or over everything if there are none.
  public func mean(axes: [Int] = [], keepingAxes: Bool = false) throws(TorchError) -> Tensor {
    try reduced(CT_MEAN, axes, keepingAxes)
  }

  /// The index of the largest element along `axis`, int64; the first one wins.
  public func argmax(axis: Int) throws(TorchError) -> Tensor {
    try makeTensor("argmax") { engine, out, message in
      engine.pointee.math.argmax(pointer, Int64(axis), out, message)
    }
  }

  /// Labels `(b, spatial…)` of type int64 as zeros and ones `(b, classes, spatial…)`.
  public func oneHot(
    classes: Int, scalarType: ScalarType = .float32
  ) throws(TorchError) -> Tensor {
    try makeTensor("oneHot") { engine, out, message in
      engine.pointee.math.oneHot(pointer, Int64(classes), scalarType.code, out, message)
    }
  }

  /// Whether no element is infinite or NaN.
  public func isAllFinite() throws(TorchError) -> Bool {
    var result = false
    try check("allFinite") { loadedEngine.pointee.math.allFinite(pointer, &result, $0) }
    return result
  }

  /// Adds `scale * other` in place.
  public func add(_ other: Tensor, scaledBy scale: Double = 1) throws(TorchError) {
    try check("addInPlace") {
      loadedEngine.pointee.math.addInPlace(pointer, other.pointer, scale, $0)
    }
  }

  /// Multiplies by a factor in place.
  public func scale(by factor: Double) throws(TorchError) {
    try check("scaleInPlace") { loadedEngine.pointee.math.scaleInPlace(pointer, factor, $0) }
  }

  private func unary(_ operation: CTUnary) throws(TorchError) -> Tensor {
    try makeTensor("unary") { engine, out, message in
      engine.pointee.math.unary(operation, pointer, out, message)
    }
  }

  private static func binary(
    _ operation: CTBinary, _ left: Tensor, _ right: Tensor
  ) throws(TorchError) -> Tensor {
    try makeTensor("binary") { engine, out, message in
      engine.pointee.math.binary(operation, left.pointer, right.pointer, out, message)
    }
  }

  private static func binary(
    _ operation: CTBinary, _ left: Tensor, _ right: Double
  ) throws(TorchError) -> Tensor {
    try makeTensor("binary") { engine, out, message in
      engine.pointee.math.binaryScalar(operation, left.pointer, right, out, message)
    }
  }

  private func reduced(
    _ operation: CTReduction, _ axes: [Int], _ keepingAxes: Bool
  ) throws(TorchError) -> Tensor {
    try makeTensor("reduce") { engine, out, message in
      withInts(axes) {
        engine.pointee.math.reduce(operation, pointer, $0, keepingAxes, out, message)
      }
    }
  }
}
