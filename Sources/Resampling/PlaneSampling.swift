import HostSystem

/// Resizes a volume one output plane at a time, linearly or to the nearest voxel along each axis.
///
/// For results too large to fit into memory: a plane of the result needs only two planes of the
/// input. Equal to ``resampleProbabilities(_:to:originalSpacing:currentSpacing:rule:threads:)`` up
/// to single precision.
package struct PlaneSampling: Sendable {
  package let input: [Int]
  package let output: [Int]
  private let z: LineSampling
  private let y: LineSampling
  private let x: LineSampling

  /// - Parameters:
  ///   - input: The extents of the input, z, y, x.
  ///   - output: The extents of the result.
  ///   - separateAxis: The axis that is resampled separately, with its order.
  ///   - rule: The orders; none of them cubic.
  package init(
    from input: [Int], to output: [Int], separateAxis: Int?, rule: ResamplingRule = .probabilities
  ) {
    precondition(rule.order != .cubic && rule.orderAlongSeparateAxis != .cubic)
    self.input = input
    self.output = output
    let axes = (0..<3).map { axis in
      LineSampling(
        from: input[axis], to: output[axis],
        order: axis == separateAxis ? rule.orderAlongSeparateAxis : rule.order)
    }
    (z, y, x) = (axes[0], axes[1], axes[2])
  }

  /// The last input plane that an output plane needs.
  package func lastPlane(of plane: Int) -> Int { z.upper[plane] }

  /// The first input plane that an output plane needs.
  package func firstPlane(of plane: Int) -> Int { z.lower[plane] }

  /// The number of scratch elements that ``forEachRow(of:lower:upper:scratch:_:)`` needs.
  package var scratchCount: Int { input[1] * input[2] + input[2] + output[2] }

  /// Calls `body` with the index of each row of an output plane and the row's values.
  ///
  /// - Parameters:
  ///   - plane: The output plane.
  ///   - lower: The input plane ``firstPlane(of:)``, `(y, x)`.
  ///   - upper: The input plane ``lastPlane(of:)``.
  ///   - scratch: ``scratchCount`` elements.
  ///   - body: Receives each row's index and values.
  @inline(__always)
  package func forEachRow(
    of plane: Int, lower: UnsafePointer<Float>, upper: UnsafePointer<Float>,
    scratch: UnsafeMutablePointer<Float>, _ body: (Int, UnsafePointer<Float>) -> Void
  ) {
    let (rows, columns) = (input[1], input[2])
    var source = lower
    if z.weight[plane] != 0 {
      blend(lower, upper, z.weight[plane], into: scratch, count: rows * columns)
      source = UnsafePointer(scratch)
    }
    let blended = scratch + rows * columns
    let sampled = blended + columns
    for row in 0..<output[1] {
      var line = source + y.lower[row] * columns
      if y.weight[row] != 0 {
        blend(line, source + y.upper[row] * columns, y.weight[row], into: blended, count: columns)
        line = UnsafePointer(blended)
      }
      if x.isIdentity {
        body(row, line)
      } else {
        x.sample(line, into: sampled)
        body(row, UnsafePointer(sampled))
      }
    }
  }
}

/// The two voxels around each sample of an axis and the weight of the upper one.
private struct LineSampling: Sendable {
  let isIdentity: Bool
  let lower: [Int]
  let upper: [Int]
  let weight: [Float]
  private let columns: [Column]

  /// The data for one sample, adjacent in memory.
  private struct Column: Sendable {
    var lower: Int32
    var upper: Int32
    var weight: Float
  }

  init(from inputLength: Int, to outputLength: Int, order: InterpolationOrder) {
    isIdentity = inputLength == outputLength
    if order == .nearest || isIdentity {
      lower = AxisSampling.nearestIndices(from: inputLength, to: outputLength)
      upper = lower
      weight = Array(repeating: 0, count: outputLength)
    } else {
      let axis = LabelAxis(from: inputLength, to: outputLength)
      // A sample on a voxel or beyond the border needs only one voxel.
      let weights = axis.upperWeight.map { Float($0) }
      lower = axis.lower
      weight = weights.indices.map { axis.lower[$0] == axis.upper[$0] ? 0 : weights[$0] }
      upper = weights.indices.map { weights[$0] == 0 ? axis.lower[$0] : axis.upper[$0] }
    }
    columns = zip(zip(lower, upper), weight).map {
      Column(lower: Int32($0.0), upper: Int32($0.1), weight: $1)
    }
  }

  @inline(__always)
  func sample(_ line: UnsafePointer<Float>, into result: UnsafeMutablePointer<Float>) {
    columns.withUnsafeBufferPointer { columns in
      for index in 0..<columns.count {
        let column = columns[index]
        let value = line[Int(column.lower)]
        result[index] = value + column.weight * (line[Int(column.upper)] - value)
      }
    }
  }
}

@inline(__always)
private func blend(
  _ lower: UnsafePointer<Float>, _ upper: UnsafePointer<Float>, _ weight: Float,
  into result: UnsafeMutablePointer<Float>, count: Int
) {
  for index in 0..<count {
    result[index] = lower[index] + weight * (upper[index] - lower[index])
  }
}
