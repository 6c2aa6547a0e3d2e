import HostSystem

/// The passes that resize one volume, in the order that needs the smallest intermediate result.
///
/// The two in-plane passes are done slice by slice with one slice as intermediate; the pass along z
/// comes before or after them. Intermediate results are kept in double precision, so that the
/// result is rounded only once.
struct VolumeResize: Sendable {
  let input: [Int]
  let output: [Int]
  private let axes: [AxisSampling]
  private let clips: Bool

  /// Creates the passes between two or three extents and as many others; only cubic splines are
  /// clipped.
  init(from input: [Int], to output: [Int], order: InterpolationOrder, clips: Bool) {
    self.input = asVolume(input)
    self.output = asVolume(output)
    self.axes = zip(self.input, self.output).map { AxisSampling(from: $0, to: $1, order: order) }
    self.clips = clips && order == .cubic
  }

  private var changesSlices: Bool { !axes[1].isIdentity || !axes[2].isIdentity }

  /// Resizes the volume at `source` into the memory at `result`.
  func run(
    _ source: UnsafePointer<Float>, into result: UnsafeMutablePointer<Float>, threads: Int
  ) {
    let limits =
      clips ? valueRange(source, count: input.trustedProduct, threads: threads) : nil
    let (inputPlane, outputPlane) = (input[1] * input[2], output[1] * output[2])
    var alongZ = LinePass(axis: axes[0], limits: nil, threads: threads)
    if axes[0].isIdentity {
      runSlices(source, into: result, limits: limits, threads: threads)
    } else if !changesSlices {
      alongZ.limits = limits
      alongZ.alongSlowAxis(source, width: inputPlane, into: result)
    } else if input[0] * outputPlane <= output[0] * inputPlane {
      withTemporary(count: input[0] * outputPlane) { middle in
        runSlices(source, into: middle, limits: nil, threads: threads)
        alongZ.limits = limits
        alongZ.alongSlowAxis(UnsafePointer(middle), width: outputPlane, into: result)
      }
    } else {
      withTemporary(count: output[0] * inputPlane) { middle in
        alongZ.alongSlowAxis(source, width: inputPlane, into: middle)
        runSlices(
          UnsafePointer(middle), count: output[0], into: result, limits: limits, threads: threads)
      }
    }
  }

  /// Resizes every slice in its plane; if there are many slices, these are processed in parallel.
  private func runSlices<Source: LineScalar, Result: LineScalar>(
    _ source: UnsafePointer<Source>, count: Int? = nil, into result: UnsafeMutablePointer<Result>,
    limits: ClosedRange<Double>?, threads: Int
  ) {
    nonisolated(unsafe) let (source, result) = (source, result)
    let count = count ?? input[0]
    let outer = count >= threads ? threads : 1
    let inner = outer == 1 ? threads : 1
    forEachInParallel(count: count, threads: outer) { index in
      runSlice(
        source + index * input[1] * input[2], into: result + index * output[1] * output[2],
        limits: limits, threads: inner)
    }
  }

  /// Resizes one slice; the axis that shrinks more comes first, so that less work remains.
  private func runSlice<Source: LineScalar, Result: LineScalar>(
    _ source: UnsafePointer<Source>, into result: UnsafeMutablePointer<Result>,
    limits: ClosedRange<Double>?, threads: Int
  ) {
    var alongY = LinePass(axis: axes[1], limits: nil, threads: threads)
    var alongX = LinePass(axis: axes[2], limits: nil, threads: threads)
    let (rows, columns) = (input[1], input[2])
    if axes[1].isIdentity {
      alongX.limits = limits
      alongX.alongFastAxis(source, rows: rows, into: result)
    } else if axes[2].isIdentity {
      alongY.limits = limits
      alongY.alongSlowAxis(source, width: columns, into: result)
    } else if output[1] * columns < rows * output[2] {
      withTemporary(count: output[1] * columns) { middle in
        alongY.alongSlowAxis(source, width: columns, into: middle)
        alongX.limits = limits
        alongX.alongFastAxis(UnsafePointer(middle), rows: output[1], into: result)
      }
    } else {
      withTemporary(count: rows * output[2]) { middle in
        alongX.alongFastAxis(source, rows: rows, into: middle)
        alongY.limits = limits
        alongY.alongSlowAxis(UnsafePointer(middle), width: output[2], into: result)
      }
    }
  }
}

/// Lends memory for `count` numbers.
func withTemporary(count: Int, _ body: (UnsafeMutablePointer<Double>) -> Void) {
  let memory = UnsafeMutablePointer<Double>.allocate(capacity: count)
  defer { memory.deallocate() }
  body(memory)
}

/// The smallest and the largest of `count` numbers.
func valueRange(
  _ source: UnsafePointer<Float>, count: Int, threads: Int
) -> ClosedRange<Double> {
  nonisolated(unsafe) let source = source
  let parts = threads > 1 ? min(threads * 4, max(count >> 14, 1)) : 1
  let ranges = [ClosedRange<Double>](unsafeUninitializedCapacity: parts) { ranges, initialized in
    nonisolated(unsafe) let ranges = ranges.baseAddress!
    forEachInParallel(count: parts, threads: threads) { part in
      let bounds = count * part / parts..<count * (part + 1) / parts
      (ranges + part).initialize(to: valueRange(source + bounds.lowerBound, count: bounds.count))
    }
    initialized = parts
  }
  return ranges.dropFirst().reduce(ranges[0]) {
    min($0.lowerBound, $1.lowerBound)...max($0.upperBound, $1.upperBound)
  }
}

private func valueRange(_ source: UnsafePointer<Float>, count: Int) -> ClosedRange<Double> {
  var low = SIMD16<Float>(repeating: source[0])
  var high = low
  var index = 0
  let raw = UnsafeRawPointer(source)
  while index &+ 16 <= count {
    let values = raw.loadUnaligned(fromByteOffset: index &* 4, as: SIMD16<Float>.self)
    low.replace(with: values, where: values .< low)
    high.replace(with: values, where: values .> high)
    index &+= 16
  }
  var (smallest, largest) = (low.min(), high.max())
  while index < count {
    smallest = min(smallest, source[index])
    largest = max(largest, source[index])
    index &+= 1
  }
  return Double(smallest)...Double(largest)
}
