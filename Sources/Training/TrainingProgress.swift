/// The progress of a training: its curves and averages, one entry per finished epoch.
package struct TrainingProgress: Codable, Hashable, Sendable {
  package private(set) var trainingLosses: [Double] = []
  package private(set) var validationLosses: [Double] = []
  /// The mean foreground Dice of the validation patches; nil if no class occurred.
  package private(set) var foregroundDice: [Double?] = []
  /// The exponential moving average of the Dice, which determines the best epoch.
  package private(set) var averageDice: Double?
  /// The highest value of ``averageDice``.
  package private(set) var bestAverageDice: Double?
  /// The last epoch that was the best so far; nil before there was one, and in states of earlier
  /// versions.
  ///
  /// It shows whether the best checkpoint on the disk is the correct one.
  package private(set) var bestEpoch: Int?
  /// Whether the weights were initialized again because nothing had been learned.
  package internal(set) var wasRestarted = false

  package init() {}

  /// Reads progress and checks that every epoch has all its values.
  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    trainingLosses = try values.decode([Double].self, forKey: .trainingLosses)
    validationLosses = try values.decode([Double].self, forKey: .validationLosses)
    foregroundDice = try values.decode([Double?].self, forKey: .foregroundDice)
    averageDice = try values.decodeIfPresent(Double.self, forKey: .averageDice)
    bestAverageDice = try values.decodeIfPresent(Double.self, forKey: .bestAverageDice)
    bestEpoch = try values.decodeIfPresent(Int.self, forKey: .bestEpoch)
    wasRestarted = try values.decode(Bool.self, forKey: .wasRestarted)
    let count = trainingLosses.count
    guard validationLosses.count == count, foregroundDice.count == count else {
      throw DecodingError.dataCorruptedError(
        forKey: .trainingLosses, in: values,
        debugDescription: "there are \(count) training losses, \(validationLosses.count) validation"
          + " losses and \(foregroundDice.count) Dice")
    }
  }

  /// The number of finished epochs, which is the index of the next one.
  package var epoch: Int { trainingLosses.count }

  /// The weight of the past in the moving average of the Dice.
  static let averageDecay = 0.9

  /// Records an epoch.
  ///
  /// As in nnU-Net v1, the first epoch only sets the mark that later ones must exceed; without a
  /// Dice, the negative validation loss replaces it.
  ///
  /// - Returns: Whether this epoch is the best so far.
  mutating func finishEpoch(
    trainingLoss: Double, validationLoss: Double, foregroundDice dice: Double
  ) -> Bool {
    trainingLosses.append(trainingLoss)
    validationLosses.append(validationLoss)
    foregroundDice.append(dice.isNaN ? nil : dice)
    let value = dice.isNaN ? -validationLoss : dice
    let average =
      averageDice.map { Self.averageDecay * $0 + (1 - Self.averageDecay) * value } ?? value
    averageDice = average
    guard let best = bestAverageDice else {
      bestAverageDice = average
      return false
    }
    guard average > best else { return false }
    bestAverageDice = average
    bestEpoch = epoch - 1
    return true
  }
}
