import Dispatch
import Foundation
import Torch

/// The fused multiplications and additions of 32-bit floats that all threads together reach without
/// memory access, in GFLOP/s.
func multiplyAddPeak() throws -> Double {
  let (threads, rounds) = (try TorchRuntime.threads(), 20_000_000)
  let clock = ContinuousClock()
  // The sums must be used, or they are not computed.
  nonisolated(unsafe) var results = [Float](repeating: 0, count: threads)
  let best = (0..<5).map { _ in
    results.withUnsafeMutableBufferPointer { buffer in
      nonisolated(unsafe) let results = buffer
      return clock.measure {
        DispatchQueue.concurrentPerform(iterations: threads) { results[$0] = sums(rounds: rounds) }
      } / .seconds(1)
    }
  }.min()!
  precondition(results.allSatisfy { $0.isFinite })
  return Double(threads * rounds) * 12 * 8 * 2 / best / 1e9
}

/// Twelve chains keep both units busy over the latency of four cycles.
private func sums(rounds: Int) -> Float {
  typealias Lanes = SIMD8<Float>
  let (factor, summand) = (Lanes(repeating: 0.999), Lanes(repeating: 1e-3))
  var (a, b, c) = (Lanes(repeating: 1), Lanes(repeating: 2), Lanes(repeating: 3))
  var (d, e, f) = (Lanes(repeating: 4), Lanes(repeating: 5), Lanes(repeating: 6))
  var (g, h, i) = (Lanes(repeating: 7), Lanes(repeating: 8), Lanes(repeating: 9))
  var (j, k, l) = (Lanes(repeating: 10), Lanes(repeating: 11), Lanes(repeating: 12))
  for _ in 0..<rounds {
    a = summand.addingProduct(a, factor)
    b = summand.addingProduct(b, factor)
    c = summand.addingProduct(c, factor)
    d = summand.addingProduct(d, factor)
    e = summand.addingProduct(e, factor)
    f = summand.addingProduct(f, factor)
    g = summand.addingProduct(g, factor)
    h = summand.addingProduct(h, factor)
    i = summand.addingProduct(i, factor)
    j = summand.addingProduct(j, factor)
    k = summand.addingProduct(k, factor)
    l = summand.addingProduct(l, factor)
  }
  return (a + b + c + d + e + f + g + h + i + j + k + l).sum()
}

extension String {
  /// With spaces after it, at least one.
  func padded(to width: Int) -> String {
    self + String(repeating: " ", count: max(width - utf8.count, 1))
  }
}
