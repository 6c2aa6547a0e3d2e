import Arrays
import HostSystem
import Plans
import Resampling

/// A segmentation made plane by plane from slabs of probabilities.
///
/// Slabs come in the order of the first axis. Only what the next slab needs is kept of each (its
/// last plane), so that apart from that plane, memory does not depend on the number of outputs.
struct LabelPlanes {
  private let sampling: PlaneSampling
  private let scheme: LabelScheme
  private let outputCount: Int
  private let threads: Int
  /// The threshold of a region's value: 0.5 for probabilities, 0 for logits.
  private let regionThreshold: Float
  /// The last plane of each output in the slabs so far, and its index.
  private var carried: [Float] = []
  private var carriedPlane = -1
  private var labels: [UInt8]
  private var nextPlane = 0

  init(
    sampling: PlaneSampling, scheme: LabelScheme, outputCount: Int, threads: Int,
    regionThreshold: Float = 0.5
  ) {
    precondition(outputCount <= 256)
    self.sampling = sampling
    self.scheme = scheme
    self.outputCount = outputCount
    self.threads = threads
    self.regionThreshold = regionThreshold
    labels = Array(repeating: 0, count: sampling.output.trustedProduct)
  }

  /// Takes the next slab, `(output, z, y, x)`.
  mutating func append(_ slab: DenseArray<Float>) {
    precondition(
      slab.shape[0] == outputCount && Array(slab.shape[2...]) == Array(sampling.input[1...]))
    let first = carriedPlane + 1
    let depth = slab.shape[1]
    let area = sampling.input[1] * sampling.input[2]
    var end = nextPlane
    while end < sampling.output[0], sampling.lastPlane(of: end) < first + depth { end += 1 }
    // Moved out, so that the threads may read the rest of `self` in the meantime.
    var labels = labels
    self.labels = []
    slab.scalars.withUnsafeBufferPointer { slab in
      carried.withUnsafeBufferPointer { carried in
        labels.withUnsafeMutableBufferPointer { labels in
          let planes = PlaneSource(
            slab: slab.baseAddress!, carried: carried.baseAddress, first: first, depth: depth,
            area: area)
          select(nextPlane..<end, from: planes, into: labels.baseAddress!)
        }
      }
    }
    self.labels = labels
    nextPlane = end
    carriedPlane = first + depth - 1
    if carried.isEmpty { carried = Array(repeating: 0, count: outputCount * area) }
    for output in 0..<outputCount {
      let start = (output * depth + depth - 1) * area
      carried.replaceSubrange(
        output * area..<(output + 1) * area, with: slab.scalars[start..<start + area])
    }
  }

  /// The labels `(z, y, x)` after all slabs have been appended.
  consuming func finish() -> DenseArray<UInt8> {
    precondition(nextPlane == sampling.output[0], "slabs are missing")
    return DenseArray(shape: sampling.output, scalars: labels)
  }

  private func select(
    _ planes: Range<Int>, from source: PlaneSource, into labels: UnsafeMutablePointer<UInt8>
  ) {
    nonisolated(unsafe) let (source, labels) = (source, labels)
    let size = sampling.output[1] * sampling.output[2]
    forEachInParallel(count: planes.count, threads: threads) { index in
      let plane = planes.lowerBound + index
      let scratch = UnsafeMutablePointer<Float>.allocate(capacity: sampling.scratchCount + size)
      defer { scratch.deallocate() }
      let target = labels + plane * size
      switch scheme {
      case .labels:
        selectMostProbable(plane, from: source, best: scratch, into: target)
      case .regions(let classOrder):
        paintRegions(plane, classOrder, from: source, scratch: scratch, into: target)
      }
    }
  }

  private func selectMostProbable(
    _ plane: Int, from source: PlaneSource, best: UnsafeMutablePointer<Float>,
    into labels: UnsafeMutablePointer<UInt8>
  ) {
    let width = sampling.output[2]
    let scratch = best + sampling.output[1] * width
    for output in 0..<outputCount {
      sampling.forEachRow(
        of: plane, lower: source.plane(sampling.firstPlane(of: plane), of: output),
        upper: source.plane(sampling.lastPlane(of: plane), of: output), scratch: scratch
      ) { row, values in
        let best = best + row * width
        if output == 0 {
          best.update(from: values, count: width)
        } else {
          keepLarger(values, width, UInt8(output), best, labels + row * width)
        }
      }
    }
  }

  private func paintRegions(
    _ plane: Int, _ classOrder: [Int], from source: PlaneSource,
    scratch: UnsafeMutablePointer<Float>, into labels: UnsafeMutablePointer<UInt8>
  ) {
    let width = sampling.output[2]
    let threshold = regionThreshold
    for (output, label) in classOrder.enumerated() {
      sampling.forEachRow(
        of: plane, lower: source.plane(sampling.firstPlane(of: plane), of: output),
        upper: source.plane(sampling.lastPlane(of: plane), of: output), scratch: scratch
      ) { row, values in
        let labels = labels + row * width
        for x in 0..<width { labels[x] = values[x] > threshold ? UInt8(label) : labels[x] }
      }
    }
  }
}

/// The memory of the planes of the current slab and of the plane carried over.
private struct PlaneSource {
  let slab: UnsafePointer<Float>
  let carried: UnsafePointer<Float>?
  let first: Int
  let depth: Int
  let area: Int

  func plane(_ plane: Int, of output: Int) -> UnsafePointer<Float> {
    guard plane < first, let carried else {
      return slab + (output * depth + max(plane - first, 0)) * area
    }
    precondition(plane == first - 1)
    return carried + output * area
  }
}

@inline(__always)
private func keepLarger(
  _ values: UnsafePointer<Float>, _ count: Int, _ label: UInt8,
  _ best: UnsafeMutablePointer<Float>, _ labels: UnsafeMutablePointer<UInt8>
) {
  for index in 0..<count {
    let isBetter = values[index] > best[index]
    best[index] = isBetter ? values[index] : best[index]
    labels[index] = isBetter ? label : labels[index]
  }
}
