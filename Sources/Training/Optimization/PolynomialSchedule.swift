import Foundation

/// A learning rate that falls to zero along a power of the remaining epochs.
///
/// Source: nnU-Net v1, `training/learning_rate/poly_lr.py`.
public struct PolynomialSchedule: Codable, Hashable, Sendable {
  public var initialRate: Double
  public var exponent: Double

  /// Creates a schedule; the defaults are nnU-Net's.
  public init(initialRate: Double = 0.01, exponent: Double = 0.9) {
    self.initialRate = initialRate
    self.exponent = exponent
  }

  /// The learning rate of an epoch, 0 being the first of `epochs`.
  public func rate(epoch: Int, of epochs: Int) -> Double {
    initialRate * pow(max(0, 1 - Double(epoch) / Double(epochs)), exponent)
  }
}
