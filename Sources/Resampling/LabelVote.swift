/// The vote that decides the label of a sample between voxels.
///
/// Each label's mask is interpolated linearly; the sample gets the label whose mask reaches one
/// half, the highest if two do, and 0 if none does. A mask's value is the sum of the weights of the
/// corners with that label. Sums run in the order of the corners, in double precision, so that
/// exact halves are the same as in scipy.
struct LabelVote {
  private var labels = SIMD8<Int16>()
  private var sums = SIMD8<Double>()
  private var count = 0

  @inline(__always) init() {}

  /// Adds a corner.
  @inline(__always)
  mutating func add(_ label: Int16, weight: Double) {
    for index in 0..<count where labels[index] == label {
      sums[index] += weight
      return
    }
    labels[count] = label
    sums[count] = weight
    count &+= 1
  }

  /// The highest label with at least one half; 0 if there is none.
  @inline(__always)
  var winner: Int16 { best { $0 >= 0.5 } }

  /// The highest label with more than one half; 0 if there is none.
  @inline(__always)
  var strictWinner: Int16 { best { $0 > 0.5 } }

  /// The label with the largest sum; if there are several, `nearest` if it is one of them,
  /// otherwise the lowest.
  @inline(__always)
  func leader(nearest: Int16) -> Int16 {
    var winner = labels[0]
    var largest = sums[0]
    for index in 1..<max(count, 1)
    where sums[index] > largest || sums[index] == largest && labels[index] < winner {
      (winner, largest) = (labels[index], sums[index])
    }
    for index in 0..<count where labels[index] == nearest && sums[index] == largest {
      return nearest
    }
    return winner
  }

  @inline(__always)
  private func best(_ wins: (Double) -> Bool) -> Int16 {
    var winner: Int16?
    for index in 0..<count where wins(sums[index]) {
      winner = max(winner ?? labels[index], labels[index])
    }
    return winner ?? 0
  }
}
