import Arrays
import HostSystem

/// Overlap of predicted and true labels, summed over the validation batches of an epoch.
///
/// An estimate of the Dice during training: patches are not cases. Source: nnU-Net v1,
/// `nnUNetTrainer.run_online_evaluation` and `finish_online_evaluation`.
struct OnlineEvaluation: Codable, Hashable, Sendable {
  private var truePositives: [Int]
  private var falsePositives: [Int]
  private var falseNegatives: [Int]

  /// - Parameter classCount: Background included.
  init(classCount: Int) {
    truePositives = Array(repeating: 0, count: classCount)
    falsePositives = truePositives
    falseNegatives = truePositives
  }

  /// Adds a batch of labels of equal shape.
  mutating func add(prediction: DenseArray<UInt8>, target: DenseArray<Int16>) {
    precondition(prediction.shape == target.shape)
    for (predicted, expected) in zip(prediction.scalars, target.scalars) {
      let (predicted, expected) = (Int(predicted), Int(expected))
      if predicted == expected {
        truePositives[predicted] += 1
      } else {
        falsePositives[predicted] += 1
        falseNegatives[expected] += 1
      }
    }
  }

  /// Adds a batch of regions: logits above 0 are inside; `(batch, region, spatial…)`.
  mutating func add(logits: DenseArray<Float>, masks: DenseArray<Int16>) {
    precondition(logits.shape == masks.shape)
    let (regions, voxels) = (masks.shape[1], masks.shape.dropFirst(2).trustedProduct)
    for (index, (logit, mask)) in zip(logits.scalars, masks.scalars).enumerated() {
      let region = index / voxels % regions + 1
      switch (logit > 0, mask != 0) {
      case (true, true): truePositives[region] += 1
      case (true, false): falsePositives[region] += 1
      case (false, true): falseNegatives[region] += 1
      case (false, false): break
      }
    }
  }

  /// The number of classes, including the background.
  var classCount: Int { truePositives.count }

  /// Whether the three lists have the same classes and possible counts.
  var isSound: Bool {
    truePositives.count == falsePositives.count && truePositives.count == falseNegatives.count
      && (truePositives + falsePositives + falseNegatives).allSatisfy { 0..<1 << 53 ~= $0 }
  }

  /// The counts, in a form that can be summed over processes.
  var counts: [Double] { (truePositives + falsePositives + falseNegatives).map(Double.init) }

  /// Adds the counts of another evaluation of the same classes.
  mutating func add(counts: [Double]) {
    let classes = truePositives.count
    precondition(counts.count == 3 * classes)
    for label in 0..<classes {
      truePositives[label] += Int(trusted: counts[label])
      falsePositives[label] += Int(trusted: counts[classes + label])
      falseNegatives[label] += Int(trusted: counts[2 * classes + label])
    }
  }

  /// The Dice of each foreground class; NaN if it occurs neither in targets nor predictions.
  var foregroundDice: [Double] {
    truePositives.indices.dropFirst().map { label in
      let overlap = 2 * truePositives[label]
      return Double(overlap) / Double(overlap + falsePositives[label] + falseNegatives[label])
    }
  }

  /// The mean of the Dice of the classes that occur; NaN if there is none.
  static func mean(_ dice: [Double]) -> Double {
    let defined = dice.filter { !$0.isNaN }
    return defined.isEmpty ? .nan : defined.reduce(0, +) / Double(defined.count)
  }
}
