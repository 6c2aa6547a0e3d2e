import Foundation
import HostSystem

/// Wilcoxon's signed-rank test of paired values, two-sided.
///
/// Pairs without a difference and pairs with a NaN are ignored. For up to 50 pairs without ties,
/// the distribution is exact; otherwise it is the normal distribution, corrected for ties and not
/// for continuity, as scipy's `wilcoxon` does by default.
package struct SignedRankTest: Hashable, Sendable {
  /// The smaller of the two sums of ranks.
  package let statistic: Double
  /// The probability of such a difference by chance; NaN if no pair differs.
  package let pValue: Double
  /// The pairs that differ.
  package let pairCount: Int

  /// Compares values that belong together by index.
  package init(_ first: [Double], _ second: [Double]) {
    precondition(first.count == second.count)
    let differences = zip(first, second).map { $0 - $1 }.filter { !$0.isNaN }
    let changes = differences.filter { $0 != 0 }
    pairCount = changes.count
    guard !changes.isEmpty else {
      (statistic, pValue) = (0, .nan)
      return
    }
    let (ranks, ties) = Self.ranks(changes.map(abs))
    let positive = zip(changes, ranks).reduce(0) { $0 + ($1.0 > 0 ? $1.1 : 0) }
    let count = Double(changes.count)
    let total = count * (count + 1) / 2
    statistic = min(positive, total - positive)
    if changes.count <= 50, ties.isEmpty, changes.count == differences.count {
      pValue = Self.exactP(Int(trusted: statistic), pairs: changes.count)
    } else {
      let correction = ties.reduce(0.0) { $0 + Double($1 * $1 * $1 - $1) } / 2
      let variance = (count * (count + 1) * (2 * count + 1) - correction) / 24
      let z = (statistic - total / 2) / variance.squareRoot()
      pValue = min(1, erfc(abs(z) / 2.0.squareRoot()))
    }
  }

  /// Ranks from 1, the mean rank for equal values, and the sizes of the groups of equal values.
  private static func ranks(_ values: [Double]) -> (ranks: [Double], ties: [Int]) {
    let order = values.indices.sorted { values[$0] < values[$1] }
    var ranks = Array(repeating: 0.0, count: values.count)
    var ties: [Int] = []
    var start = 0
    while start < order.count {
      var end = start + 1
      while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
      for position in start..<end { ranks[order[position]] = Double(start + end + 1) / 2 }
      if end - start > 1 { ties.append(end - start) }
      start = end
    }
    return (ranks, ties)
  }

  /// Twice the fraction of sign patterns with a sum of positive ranks of at most `statistic`.
  private static func exactP(_ statistic: Int, pairs: Int) -> Double {
    let total = pairs * (pairs + 1) / 2
    var shares = Array(repeating: 0.0, count: total + 1)
    shares[0] = 1
    for rank in 1...pairs {
      for sum in stride(from: total, through: 0, by: -1) {
        shares[sum] = (shares[sum] + (sum >= rank ? shares[sum - rank] : 0)) / 2
      }
    }
    return min(1, 2 * shares[0...statistic].reduce(0, +))
  }
}
