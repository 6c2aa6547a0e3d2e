package import Arrays
import HostSystem

/// How many voxels have each pair of labels in a reference and a prediction.
///
/// One pass over the voxels gives the ``ConfusionCounts`` of every label and of every group of
/// labels.
package struct LabelOverlap: Hashable, Sendable {
  /// Voxels by `256 * reference + prediction`.
  private var pairs: [Int]

  /// Counts the pairs of labels.
  ///
  /// - Parameters:
  ///   - reference: The true labels, any shape.
  ///   - prediction: The predicted labels.
  /// - Precondition: Both have the same shape.
  package init(reference: DenseArray<UInt8>, prediction: DenseArray<UInt8>) {
    precondition(reference.shape == prediction.shape)
    pairs = reference.scalars.withUnsafeBytes { reference in
      prediction.scalars.withUnsafeBytes { prediction in
        countPairs(reference, prediction)
      }
    }
  }

  /// The labels that occur in either, ascending.
  package var labels: [Int] {
    (0..<256).filter { referenceCount(of: $0) > 0 || predictionCount(of: $0) > 0 }
  }

  /// The counts of one label.
  package func counts(of label: Int) -> ConfusionCounts { counts(ofAnyOf: [label]) }

  /// The counts of several labels taken as one structure.
  package func counts(ofAnyOf labels: Set<Int>) -> ConfusionCounts {
    let labels = labels.filter { 0..<256 ~= $0 }
    let both = labels.reduce(0) { sum, reference in
      sum + labels.reduce(0) { $0 + pairs[256 * reference + $1] }
    }
    let reference = labels.reduce(0) { $0 + referenceCount(of: $1) }
    let prediction = labels.reduce(0) { $0 + predictionCount(of: $1) }
    let all = pairs.reduce(0, +)
    return ConfusionCounts(
      truePositives: both, falsePositives: prediction - both, falseNegatives: reference - both,
      trueNegatives: all - reference - prediction + both)
  }

  private func referenceCount(of label: Int) -> Int {
    pairs[256 * label..<256 * (label + 1)].reduce(0, +)
  }

  private func predictionCount(of label: Int) -> Int {
    stride(from: label, to: pairs.count, by: 256).reduce(0) { $0 + pairs[$1] }
  }
}

/// Counts pairs of bytes, eight at once if both buffers repeat one byte, as is usual in label maps.
private func countPairs(
  _ reference: UnsafeRawBufferPointer, _ prediction: UnsafeRawBufferPointer
) -> [Int] {
  let everyByte: UInt64 = 0x0101_0101_0101_0101
  var pairs = Array(repeating: 0, count: 256 * 256)
  pairs.withUnsafeMutableBufferPointer { pairs in
    let count = reference.count
    var position = 0
    while position &+ 8 <= count {
      let left = reference.loadUnaligned(fromByteOffset: position, as: UInt64.self)
      let right = prediction.loadUnaligned(fromByteOffset: position, as: UInt64.self)
      if left == (left & 0xff) &* everyByte, right == (right & 0xff) &* everyByte {
        pairs[Int(left & 0xff) &* 256 &+ Int(right & 0xff)] &+= 8
      } else {
        for shift in stride(from: UInt64(0), to: 64, by: 8) {
          let pair = ((left &>> shift) & 0xff) &* 256 &+ ((right &>> shift) & 0xff)
          pairs[Int(pair)] &+= 1
        }
      }
      position &+= 8
    }
    while position < count {
      pairs[Int(reference[position]) &* 256 &+ Int(prediction[position])] &+= 1
      position &+= 1
    }
  }
  return pairs
}
