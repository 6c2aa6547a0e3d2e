public import HostSystem

/// A dense array in C order: the last axis varies fastest.
///
/// Images are `(z, y, x)`, images with channels `(channel, z, y, x)`. The storage is a Swift array,
/// so that copies are cheap until one of them is written.
public struct DenseArray<Scalar> {
  /// The extent along each axis, slowest first.
  public private(set) var shape: [Int]
  /// The elements in C order.
  public var scalars: [Scalar]

  /// Wraps elements that are already in C order.
  ///
  /// - Precondition: `scalars.count` is the product of `shape`.
  public init(shape: [Int], scalars: [Scalar]) {
    precondition(shape.allSatisfy { $0 >= 0 }, "negative extent in \(shape)")
    precondition(
      scalars.count == shape.trustedProduct, "\(scalars.count) elements do not fill \(shape)")
    self.shape = shape
    self.scalars = scalars
  }

  /// Makes an array filled with one value.
  @inlinable
  public init(shape: [Int], filledWith value: Scalar) {
    self.init(shape: shape, scalars: Array(repeating: value, count: shape.trustedProduct))
  }

  /// Makes an array whose elements `initializer` writes; every element must be written.
  @inlinable
  public init(
    shape: [Int], initializingWith initializer: (UnsafeMutableBufferPointer<Scalar>) throws -> Void
  ) rethrows {
    let count = shape.trustedProduct
    self.init(
      shape: shape,
      scalars: try Array(unsafeUninitializedCapacity: count) { buffer, initialized in
        try initializer(UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
        initialized = count
      })
  }

  /// The number of axes.
  @inlinable public var rank: Int { shape.count }
  /// The number of elements.
  @inlinable public var count: Int { scalars.count }

  /// The distance in elements between neighbours along each axis.
  @inlinable
  package var strides: [Int] {
    var strides = Array(repeating: 1, count: rank)
    for axis in (0..<max(rank - 1, 0)).reversed() {
      strides[axis] = strides[axis + 1] * shape[axis + 1]
    }
    return strides
  }

  /// The element at an index with one entry per axis.
  @inlinable
  package subscript(_ index: Int...) -> Scalar {
    get { scalars[offset(of: index)] }
    set { scalars[offset(of: index)] = newValue }
  }

  @inlinable
  func offset(of index: [Int]) -> Int {
    precondition(index.count == rank, "\(index.count) indices for \(rank) axes")
    var offset = 0
    for (position, extent) in zip(index, shape) {
      precondition(0..<extent ~= position, "index \(index) outside of \(shape)")
      offset = offset * extent + position
    }
    return offset
  }

  /// The same elements under another shape.
  ///
  /// - Precondition: Both shapes have the same number of elements.
  @inlinable
  package func reshaped(to shape: [Int]) -> DenseArray {
    DenseArray(shape: shape, scalars: scalars)
  }

  /// The sub-array at `index` of the first axis, without that axis.
  @inlinable
  package func slice(_ index: Int) -> DenseArray {
    let size = shape.dropFirst().trustedProduct
    return DenseArray(
      shape: Array(shape.dropFirst()), scalars: Array(scalars[index * size..<(index + 1) * size]))
  }

  /// Joins arrays of equal shape along a new first axis.
  @inlinable
  package static func stack(_ arrays: [DenseArray]) -> DenseArray {
    precondition(!arrays.isEmpty && arrays.allSatisfy { $0.shape == arrays[0].shape })
    return DenseArray(
      shape: [arrays.count] + arrays[0].shape, scalars: arrays.flatMap(\.scalars))
  }

  /// Applies `transform` to every element.
  @inlinable
  public func map<Result>(_ transform: (Scalar) throws -> Result) rethrows -> DenseArray<Result> {
    DenseArray<Result>(shape: shape, scalars: try scalars.map(transform))
  }
}

extension DenseArray: Sendable where Scalar: Sendable {}
extension DenseArray: Equatable where Scalar: Equatable {}
