import HostSystem

/// The positions and weights of a resized axis' samples on the original axis.
///
/// Voxels are cells: output cell `i` of `m` has its centre at `(i + 0.5) · n / m - 0.5` of the `n`
/// input cells. Beyond the ends, the input continues with its border value, so a line is stored
/// with ``padding`` additional rows at both ends.
struct AxisSampling: Sendable {
  /// The number of rows before the first and after the last voxel that samples may need.
  static let padding = 2

  let inputLength: Int
  let outputLength: Int
  let order: InterpolationOrder
  /// The first row of each sample, counted from the first padding row.
  let starts: [Int]
  /// `order.taps` weights per sample; those of cubic splines include the prefilter's gain.
  let weights: [Double]

  /// Whether the axis keeps its length, so that every sample is a voxel.
  var isIdentity: Bool { inputLength == outputLength }

  init(from inputLength: Int, to outputLength: Int, order: InterpolationOrder) {
    precondition(inputLength > 0 && outputLength > 0, "an axis without voxels cannot be resized")
    self.inputLength = inputLength
    self.outputLength = outputLength
    self.order = order
    var starts: [Int] = []
    var weights: [Double] = []
    starts.reserveCapacity(outputLength)
    weights.reserveCapacity(outputLength * order.taps)
    for index in 0..<outputLength {
      let position = Self.position(of: index, from: inputLength, to: outputLength)
      let base = position.rounded(.down)
      switch order {
      case .nearest:
        starts.append(Self.nearest(to: position, length: inputLength) + Self.padding)
        weights.append(1)
      case .linear:
        starts.append(Int(trusted: base) + Self.padding)
        let first = 1 - (position - base)
        weights += [first, 1 - first]
      case .cubic:
        starts.append(Int(trusted: base) - 1 + Self.padding)
        weights += CubicSpline.weights(at: position - base).map { $0 * CubicSpline.gain }
      }
    }
    self.starts = starts
    self.weights = weights
  }

  /// The centre of output cell `index` in input coordinates.
  ///
  /// The order of the operations is that of scipy, so that ties are rounded the same way.
  static func position(of index: Int, from inputLength: Int, to outputLength: Int) -> Double {
    let scale = Double(inputLength) / Double(outputLength)
    return (Double(index) + 0.5) * scale - 0.5
  }

  /// The voxel nearest to a position, halves rounded up, within the axis.
  static func nearest(to position: Double, length: Int) -> Int {
    min(max(Int(trusted: (position + 0.5).rounded(.down)), 0), length - 1)
  }

  /// The voxel nearest to each output cell.
  static func nearestIndices(from inputLength: Int, to outputLength: Int) -> [Int] {
    (0..<outputLength).map {
      nearest(to: position(of: $0, from: inputLength, to: outputLength), length: inputLength)
    }
  }
}
