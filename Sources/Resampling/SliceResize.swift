import Arrays
import HostSystem

/// Resizes a volume slice by slice in the plane, and the first axis separately.
///
/// Each slice is clipped to its own range and rounded to single precision before the first axis
/// is resized, as in nnU-Net.
struct SliceResize: Sendable {
  private let input: [Int]
  private let output: [Int]
  private let rule: ResamplingRule
  private let plane: VolumeResize

  init(from input: [Int], to output: [Int], rule: ResamplingRule) {
    self.input = input
    self.output = output
    self.rule = rule
    plane = VolumeResize(
      from: Array(input.dropFirst()), to: Array(output.dropFirst()), order: rule.order, clips: true)
  }

  func resize(_ volume: DenseArray<Float>, threads: Int) -> DenseArray<Float> {
    DenseArray(shape: output) { result in
      volume.scalars.withUnsafeBufferPointer {
        run($0.baseAddress!, into: result.baseAddress!, threads: threads)
      }
    }
  }

  func run(
    _ source: UnsafePointer<Float>, into result: UnsafeMutablePointer<Float>, threads: Int
  ) {
    if input[0] == output[0] || rule.orderAlongSeparateAxis == .nearest {
      runNearest(source, into: result, threads: threads)
      return
    }
    let size = output[1] * output[2]
    let slices = UnsafeMutablePointer<Float>.allocate(capacity: input[0] * size)
    defer { slices.deallocate() }
    nonisolated(unsafe) let (source, shared) = (source, slices)
    forEachInParallel(count: input[0], threads: threads) { index in
      resizeSlice(source + index * input[1] * input[2], into: shared + index * size)
    }
    let axis = AxisSampling(
      from: input[0], to: output[0], order: rule.orderAlongSeparateAxis)
    LinePass(axis: axis, limits: nil, threads: threads)
      .alongSlowAxis(UnsafePointer(slices), width: size, into: result)
  }

  /// Uses the nearest slice: each needed slice is resized once and copied as often as it occurs.
  private func runNearest(
    _ source: UnsafePointer<Float>, into result: UnsafeMutablePointer<Float>, threads: Int
  ) {
    nonisolated(unsafe) let (source, result) = (source, result)
    let nearest = AxisSampling.nearestIndices(from: input[0], to: output[0])
    let firsts = nearest.indices.filter { $0 == 0 || nearest[$0] != nearest[$0 - 1] }
    let size = output[1] * output[2]
    forEachInParallel(count: firsts.count, threads: threads) { run in
      let first = firsts[run]
      let end = run + 1 < firsts.count ? firsts[run + 1] : nearest.count
      resizeSlice(source + nearest[first] * input[1] * input[2], into: result + first * size)
      for copy in first + 1..<max(end, first + 1) {
        (result + copy * size).initialize(from: result + first * size, count: size)
      }
    }
  }

  private func resizeSlice(
    _ source: UnsafePointer<Float>, into result: UnsafeMutablePointer<Float>
  ) {
    if rule.order == .nearest {
      let slice = DenseArray(
        shape: Array(input.dropFirst()),
        scalars: Array(UnsafeBufferPointer(start: source, count: input[1] * input[2])))
      let resized = resizeToNearest(slice, to: Array(output.dropFirst()))
      result.initialize(from: resized.scalars, count: resized.count)
    } else if Array(input.dropFirst()) == Array(output.dropFirst()) {
      result.initialize(from: source, count: input[1] * input[2])
    } else {
      plane.run(source, into: result, threads: 1)
    }
  }
}
