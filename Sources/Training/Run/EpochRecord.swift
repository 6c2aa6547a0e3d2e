/// The results and the time of one epoch, for observers.
package struct EpochRecord: Hashable, Sendable {
  /// Counted from 0.
  package var epoch: Int
  package var trainingLoss: Double
  package var validationLoss: Double
  /// The Dice of each foreground class; NaN if it did not occur.
  package var dice: [Double]
  /// The rate and the momentum that the epoch was trained with.
  package var learningRate: Double
  package var seconds: Double
  /// The seconds that the network waited for batches.
  package var secondsWaited: Double
}
