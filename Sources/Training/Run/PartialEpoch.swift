/// What an epoch has found before it is finished, so that it can go on in its middle.
public struct PartialEpoch: Codable, Hashable, Sendable {
  /// The losses of the training batches so far.
  var trainingLosses: [Double] = []
  /// The losses of the validation batches so far.
  var validationLosses: [Double] = []
  var evaluation: OnlineEvaluation

  /// Begins an epoch.
  init(evaluation: OnlineEvaluation) { self.evaluation = evaluation }

  /// The number of batches that were used up.
  var batches: Int { trainingLosses.count + validationLosses.count }
}
