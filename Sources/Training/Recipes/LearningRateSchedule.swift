import Foundation

/// The learning rate of every epoch: a series of phases, and a rule for a loss that no longer
/// falls.
public struct LearningRateSchedule: Codable, Hashable, Sendable {
  /// The rate that phases start from, 0.01 in nnU-Net.
  public var initialRate: Double
  /// Ordered by their first epochs, the first of which is 0.
  package var phases: [Phase]
  /// The rule that lowers the rate if the training loss no longer falls; nil for none.
  package var plateau: PlateauRule?

  /// A part of a training.
  public struct Phase: Codable, Hashable, Sendable {
    package var firstEpoch: Int
    /// How the rate changes within the phase.
    public var shape: Shape

    /// Creates a phase that lasts from an epoch, counted from 0, until the next phase or the end.
    public init(from firstEpoch: Int, _ shape: Shape) {
      self.firstEpoch = firstEpoch
      self.shape = shape
    }
  }

  /// How the rate changes within a phase.
  public enum Shape: Codable, Hashable, Sendable {
    /// `factor` times the initial rate.
    case constant(factor: Double)
    /// From `factor` times the initial rate to 0 at the phase's end, by a power of the remaining
    /// part.
    case polynomial(factor: Double, exponent: Double)
    /// The same, but as slowly as if the phase were the whole training.
    case longPolynomial(exponent: Double)
    /// In equal steps to the initial rate, which the first epoch after the phase still has.
    case rising
    /// Up and down again between two rates.
    case cycle(epochs: Int, lowest: Double, highest: Double)
  }

  /// Creates a schedule; the defaults are nnU-Net's.
  public init(
    initialRate: Double = 0.01,
    phases: [Phase] = [Phase(from: 0, .polynomial(factor: 1, exponent: 0.9))],
    plateau: PlateauRule? = nil
  ) {
    self.initialRate = initialRate
    self.phases = phases
    self.plateau = plateau
  }

  /// The learning rate of an epoch.
  ///
  /// - Parameters:
  ///   - epoch: The epoch, counted from 0.
  ///   - epochs: The number of epochs.
  ///   - trainingLosses: The mean losses of the previous epochs.
  /// - Returns: The rate in the epoch's phase, lowered by the plateau rule if there is one.
  package func rate(epoch: Int, of epochs: Int, trainingLosses: [Double] = []) -> Double {
    guard let index = phases.lastIndex(where: { $0.firstEpoch <= epoch }) else {
      return initialRate
    }
    let start = phases[index].firstEpoch
    let end = index + 1 < phases.count ? min(phases[index + 1].firstEpoch, epochs) : epochs
    let factor = plateau?.factor(trainingLosses: Array(trainingLosses.prefix(epoch))) ?? 1
    return factor * rate(phases[index].shape, epoch - start, of: end - start, epochs)
  }

  private func rate(_ shape: Shape, _ epoch: Int, of length: Int, _ epochs: Int) -> Double {
    func power(_ exponent: Double, _ length: Int) -> Double {
      pow(max(0, 1 - Double(epoch) / Double(max(length, 1))), exponent)
    }
    switch shape {
    case .constant(let factor): return initialRate * factor
    case .polynomial(let factor, let exponent):
      return initialRate * factor * power(exponent, length)
    case .longPolynomial(let exponent): return initialRate * power(exponent, epochs)
    case .rising: return initialRate * Double(max(epoch, 1)) / Double(max(length, 1))
    case .cycle(let period, let lowest, let highest):
      let half = period / 2
      let position = epoch % period
      let step = (highest - lowest) / Double(half)
      return position < half
        ? lowest + step * Double(position) : highest - step * Double(position - half)
    }
  }
}

/// Lowers the rate when the moving average of the training loss has not fallen for some epochs.
///
/// Source: nnU-Net v1, `nnUNetTrainer` (average 0.93 and 0.07, first used after the second epoch)
/// and PyTorch's `ReduceLROnPlateau` with an absolute threshold. It has no state: the factor
/// follows from the losses, so a resumed run has the same rates.
public struct PlateauRule: Codable, Hashable, Sendable {
  /// The factor of each reduction.
  public var factor = 0.2
  package var patience = 30
  package var threshold = 1e-3

  /// Creates the rule of v1's first trainer: after 30 epochs without improvement a fifth of the
  /// rate.
  public init() {}

  /// The factor of the rate after epochs with these losses.
  func factor(trainingLosses: [Double]) -> Double {
    var (result, best, waited) = (1.0, Double.infinity, 0)
    var average: Double?
    for (epoch, loss) in trainingLosses.enumerated() {
      let value = average.map { 0.93 * $0 + 0.07 * loss } ?? loss
      average = value
      guard epoch > 0 else { continue }
      if value < best - threshold {
        (best, waited) = (value, 0)
      } else {
        waited += 1
      }
      if waited > patience {
        result *= factor
        waited = 0
      }
    }
    return result
  }
}
