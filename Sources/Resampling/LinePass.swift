import HostSystem

/// The number type of the voxels between the passes; arithmetic is in `Double`.
protocol LineScalar: Sendable {
  init(narrowing value: Double)
  var widened: Double { get }
}

extension Float: LineScalar {
  @inline(__always) init(narrowing value: Double) { self = Float(value) }
  @inline(__always) var widened: Double { Double(self) }
}

extension Double: LineScalar {
  @inline(__always) init(narrowing value: Double) { self = value }
  @inline(__always) var widened: Double { self }
}

/// One pass of a separable resize: every line along one axis is replaced with its samples.
///
/// Lines are processed in blocks of neighbours, one line per SIMD lane. A block is copied to a
/// scratch buffer that fits into the second-level cache, filtered there in place, and its samples
/// are written to the destination.
struct LinePass: Sendable {
  let axis: AxisSampling
  /// The values that the result is limited to; only in the last pass of a resize.
  var limits: ClosedRange<Double>?
  var threads = 1

  private static let scratchBytes = 192 << 10
  private static let tile = 16

  private var scratchRows: Int { axis.inputLength + 2 * AxisSampling.padding }

  /// The lines per block: a multiple of 16, fewer for long lines.
  private var lanes: Int {
    let fitting = Self.scratchBytes / (scratchRows * MemoryLayout<Double>.stride)
    return min(max(fitting / 16 * 16, 16), 128)
  }

  /// Resizes the slow axis of a plane: `(inputLength, width)` to `(outputLength, width)`.
  func alongSlowAxis<Source: LineScalar, Result: LineScalar>(
    _ source: UnsafePointer<Source>, width: Int, into result: UnsafeMutablePointer<Result>
  ) {
    nonisolated(unsafe) let (source, result) = (source, result)
    let lanes = lanes
    inBlocks(of: lanes, count: width) { scratch, start, count in
      let body = scratch + AxisSampling.padding &* lanes
      for row in 0..<axis.inputLength {
        let line = source + (row &* width &+ start)
        let target = body + row &* lanes
        for lane in 0..<count { target[lane] = line[lane].widened }
      }
      complete(scratch, lanes: lanes)
      for index in 0..<axis.outputLength {
        let sample = scratch + scratchRows &* lanes
        combine(scratch, index, into: sample, lanes: lanes)
        let line = result + (index &* width &+ start)
        for lane in 0..<count { line[lane] = Result(narrowing: sample[lane]) }
      }
    }
  }

  /// Resizes the contiguous axis of a plane: `(rows, inputLength)` to `(rows, outputLength)`.
  func alongFastAxis<Source: LineScalar, Result: LineScalar>(
    _ source: UnsafePointer<Source>, rows: Int, into result: UnsafeMutablePointer<Result>
  ) {
    nonisolated(unsafe) let (source, result) = (source, result)
    let lanes = lanes
    let (inputLength, outputLength) = (axis.inputLength, axis.outputLength)
    inBlocks(of: lanes, count: rows) { scratch, start, count in
      let body = scratch + AxisSampling.padding &* lanes
      // Tiles of 16 transpose whole cache lines.
      for first in stride(from: 0, to: inputLength, by: Self.tile) {
        let width = min(Self.tile, inputLength &- first)
        for lane in 0..<count {
          let line = source + ((start &+ lane) &* inputLength &+ first)
          let column = body + (first &* lanes &+ lane)
          for row in 0..<width { column[row &* lanes] = line[row].widened }
        }
      }
      complete(scratch, lanes: lanes)
      let samples = scratch + scratchRows &* lanes
      for first in stride(from: 0, to: outputLength, by: Self.tile) {
        let width = min(Self.tile, outputLength &- first)
        for row in 0..<width {
          combine(scratch, first &+ row, into: samples + row &* lanes, lanes: lanes)
        }
        for lane in 0..<count {
          let line = result + ((start &+ lane) &* outputLength &+ first)
          let column = samples + lane
          for row in 0..<width { line[row] = Result(narrowing: column[row &* lanes]) }
        }
      }
    }
  }

  /// Runs `body(scratch, firstLine, lineCount)` for every block, each with its own buffer.
  private func inBlocks(
    of lanes: Int, count: Int, _ body: @Sendable (UnsafeMutablePointer<Double>, Int, Int) -> Void
  ) {
    let blocks = (count + lanes - 1) / lanes
    let tasks = min(blocks, threads > 1 ? threads * 4 : 1)
    let size = (scratchRows + Self.tile) * lanes
    forEachInParallel(count: tasks, threads: threads) { task in
      let scratch = UnsafeMutablePointer<Double>.allocate(capacity: size)
      defer { scratch.deallocate() }
      scratch.initialize(repeating: 0, count: size)
      for block in task * blocks / tasks..<(task + 1) * blocks / tasks {
        body(scratch, block * lanes, min(lanes, count - block * lanes))
      }
    }
  }

  /// Fills the padding rows and, for cubic splines, turns the voxels into coefficients.
  private func complete(_ scratch: UnsafeMutablePointer<Double>, lanes: Int) {
    let (padding, length) = (AxisSampling.padding, axis.inputLength)
    if axis.order == .cubic {
      CubicSpline.prefilterWithEdge(scratch, length: length, lanes: lanes)
      return
    }
    let first = scratch + padding * lanes
    let last = first + (length - 1) * lanes
    for row in 1...padding {
      (first - row * lanes).update(from: first, count: lanes)
      (last + row * lanes).update(from: last, count: lanes)
    }
  }

  /// Writes sample `index` of all lines of a block.
  @inline(__always)
  private func combine(
    _ scratch: UnsafeMutablePointer<Double>, _ index: Int,
    into sample: UnsafeMutablePointer<Double>, lanes: Int
  ) {
    let row = scratch + axis.starts[index] &* lanes
    switch axis.order {
    case .nearest:
      sample.update(from: row, count: lanes)
    case .linear:
      let (a, b) = (axis.weights[2 &* index], axis.weights[2 &* index &+ 1])
      let next = row + lanes
      for lane in 0..<lanes { sample[lane] = (a * row[lane]).addingProduct(b, next[lane]) }
    case .cubic:
      let (a, b) = (axis.weights[4 &* index], axis.weights[4 &* index &+ 1])
      let (c, d) = (axis.weights[4 &* index &+ 2], axis.weights[4 &* index &+ 3])
      let (second, third, fourth) = (row + lanes, row + 2 &* lanes, row + 3 &* lanes)
      for lane in 0..<lanes {
        let inner = (b * second[lane]).addingProduct(c, third[lane])
        let outer = (a * row[lane]).addingProduct(d, fourth[lane])
        sample[lane] = inner + outer
      }
    }
    if let limits {
      let (low, high) = (limits.lowerBound, limits.upperBound)
      for lane in 0..<lanes {
        let value = sample[lane]
        sample[lane] = value < low ? low : value > high ? high : value
      }
    }
  }
}
