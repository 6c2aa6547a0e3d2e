/// What one epoch has found and how long it took, for those who watch.
public struct EpochRecord: Hashable, Sendable {
  /// Counted from 0.
  public var epoch: Int
  public var trainingLoss: Double
  public var validationLoss: Double
  /// The Dice of each foreground class; NaN where it did not occur.
  public var dice: [Double]
  /// The rate and the momentum that the epoch was trained with.
  public var learningRate: Double
  public var seconds: Double
  /// How many of the seconds the network waited for batches.
  public var secondsWaited: Double
}
