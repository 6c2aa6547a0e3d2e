package import Arrays
import HostSystem

/// Resizes a segmentation without inventing labels: each label's mask is resized separately.
///
/// A voxel gets the label whose mask, resized by ``resize(_:to:order:clips:threads:)``, is at least
/// 0.5, the highest if there are two; other voxels are 0. Equal to batchgenerators'
/// `resize_segmentation`, at the cost of one pass instead of one per label.
///
/// - Parameters:
///   - labels: `(z, y, x)` or `(y, x)`.
///   - shape: The shape of the result, of the same rank, without zeros.
///   - order: ``InterpolationOrder/linear``, or ``InterpolationOrder/nearest`` to take the nearest
///     voxel's label.
///   - decision: The label of a voxel between others.
///   - threads: The number of threads to work with.
/// - Returns: Labels with the extents `shape`.
package func resizeLabels(
  _ labels: DenseArray<Int16>, to shape: [Int], order: InterpolationOrder = .linear,
  decision: LabelDecision = .half, threads: Int = 1
) -> DenseArray<Int16> {
  precondition(
    labels.rank == shape.count && (2...3).contains(labels.rank),
    "cannot resize \(labels.shape) to \(shape)")
  precondition(order != .cubic, "labels are resized with order 0 or 1")
  guard labels.shape != shape else { return labels }
  if order == .nearest { return resizeToNearest(labels, to: shape, threads: threads) }
  let plan = LabelResize(from: labels.shape, to: shape)
  let nearest = decision == .largest ? resizeToNearest(labels, to: shape, threads: threads) : nil
  return DenseArray(shape: shape) { result in
    labels.scalars.withUnsafeBufferPointer { source in
      guard let nearest else {
        plan.run(source.baseAddress!, into: result.baseAddress!, threads: threads)
        return
      }
      nearest.scalars.withUnsafeBufferPointer {
        plan.run(
          source.baseAddress!, nearest: $0.baseAddress!, into: result.baseAddress!,
          threads: threads)
      }
    }
  }
}

/// The label of a voxel when a segmentation is resized linearly.
public enum LabelDecision: Hashable, Sendable {
  /// The highest of the labels whose masks are at least 0.5 there, otherwise 0: batchgenerators to
  /// 0.25, and nnU-Net v1.
  case half
  /// The label whose mask is largest there; the nearest voxel's if there are several:
  /// batchgenerators from 0.25.5, and therefore nnU-Net v2.
  case largest
}

/// ``resizeLabels(_:to:order:threads:)`` for labels that are stored as whole floats.
package func resizeLabels(
  _ labels: DenseArray<Float>, to shape: [Int], order: InterpolationOrder = .linear,
  threads: Int = 1
) -> DenseArray<Float> {
  guard labels.shape != shape else { return labels }
  return resizeLabels(labels.map { Int16(trusted: $0) }, to: shape, order: order, threads: threads)
    .map { Float($0) }
}

/// The two voxels around each sample of an axis, and their weights.
struct LabelAxis: Sendable {
  let outputLength: Int
  let lower: [Int]
  let upper: [Int]
  let lowerWeight: [Double]
  let upperWeight: [Double]

  init(from inputLength: Int, to outputLength: Int) {
    let sampling = AxisSampling(from: inputLength, to: outputLength, order: .linear)
    self.outputLength = outputLength
    lower = sampling.starts.map { min(max($0 - AxisSampling.padding, 0), inputLength - 1) }
    upper = sampling.starts.map { min(max($0 - AxisSampling.padding + 1, 0), inputLength - 1) }
    lowerWeight = (0..<outputLength).map { sampling.weights[2 * $0] }
    upperWeight = (0..<outputLength).map { sampling.weights[2 * $0 + 1] }
  }
}

/// Resizes the segmentation of one volume.
struct LabelResize: Sendable {
  private let input: [Int]
  private let output: [Int]
  private let axes: [LabelAxis]

  init(from input: [Int], to output: [Int]) {
    self.input = asVolume(input)
    self.output = asVolume(output)
    axes = zip(self.input, self.output).map { LabelAxis(from: $0, to: $1) }
  }

  /// Writes the resized segmentation to `result`.
  ///
  /// With `nearest`, the labels of the nearest voxels, a voxel takes the label with the largest
  /// mask.
  func run(
    _ source: UnsafePointer<Int16>, nearest: UnsafePointer<Int16>? = nil,
    into result: UnsafeMutablePointer<Int16>, threads: Int
  ) {
    nonisolated(unsafe) let (source, nearest, result) = (source, nearest, result)
    let slices = output[0] > 1 || output[1] < 2
    let (outer, inner) = slices ? (output[0], 1) : (1, threads)
    forEachInParallel(count: outer, threads: threads) { z in
      forEachInParallel(count: inner, threads: threads) { part in
        let uniform = UnsafeMutablePointer<Bool>.allocate(capacity: input[2])
        defer { uniform.deallocate() }
        for y in output[1] * part / inner..<output[1] * (part + 1) / inner {
          resizeRow(z, y, source, nearest: nearest, into: result, uniform: uniform)
        }
      }
    }
  }

  /// Writes one line along x.
  ///
  /// If all corners agree, which is nearly always so, no vote is needed.
  private func resizeRow(
    _ z: Int, _ y: Int, _ source: UnsafePointer<Int16>, nearest: UnsafePointer<Int16>?,
    into result: UnsafeMutablePointer<Int16>, uniform: UnsafeMutablePointer<Bool>
  ) {
    let rows = (
      source + (axes[0].lower[z] &* input[1] &+ axes[1].lower[y]) &* input[2],
      source + (axes[0].lower[z] &* input[1] &+ axes[1].upper[y]) &* input[2],
      source + (axes[0].upper[z] &* input[1] &+ axes[1].lower[y]) &* input[2],
      source + (axes[0].upper[z] &* input[1] &+ axes[1].upper[y]) &* input[2]
    )
    for x in 0..<input[2] {
      let label = rows.0[x]
      let difference = (label ^ rows.1[x]) | (label ^ rows.2[x]) | (label ^ rows.3[x])
      uniform[x] = difference == 0
    }
    let (lowerZ, upperZ) = (axes[0].lowerWeight[z], axes[0].upperWeight[z])
    let (lowerY, upperY) = (axes[1].lowerWeight[y], axes[1].upperWeight[y])
    let weights = (lowerZ * lowerY, lowerZ * upperY, upperZ * lowerY, upperZ * upperY)
    let row = (z &* output[1] &+ y) &* output[2]
    let target = result + row
    let axis = axes[2]
    axis.lower.withUnsafeBufferPointer { lower in
      axis.upper.withUnsafeBufferPointer { upper in
        for x in 0..<axis.outputLength {
          let (a, b) = (lower[x], upper[x])
          let label = rows.0[a]
          if uniform[a] && uniform[b] && label == rows.0[b] {
            target[x] = label
          } else {
            let vote = vote(rows, weights, a, b, axis.lowerWeight[x], axis.upperWeight[x])
            target[x] = nearest.map { vote.leader(nearest: $0[row + x]) } ?? vote.winner
          }
        }
      }
    }
  }

  private typealias Four<Element> = (Element, Element, Element, Element)

  @inline(never)
  private func vote(
    _ rows: Four<UnsafePointer<Int16>>, _ weights: Four<Double>, _ a: Int, _ b: Int,
    _ lower: Double, _ upper: Double
  ) -> LabelVote {
    var vote = LabelVote()
    vote.add(rows.0[a], weight: weights.0 * lower)
    vote.add(rows.0[b], weight: weights.0 * upper)
    vote.add(rows.1[a], weight: weights.1 * lower)
    vote.add(rows.1[b], weight: weights.1 * upper)
    vote.add(rows.2[a], weight: weights.2 * lower)
    vote.add(rows.2[b], weight: weights.2 * upper)
    vote.add(rows.3[a], weight: weights.3 * lower)
    vote.add(rows.3[b], weight: weights.3 * upper)
    return vote
  }
}
