/// The results of an unfinished epoch, so that it can continue in the middle.
package struct PartialEpoch: Codable, Hashable, Sendable {
  /// The losses of the training batches so far.
  var trainingLosses: [Double] = []
  /// The losses of the validation batches so far.
  var validationLosses: [Double] = []
  var evaluation: OnlineEvaluation

  /// Begins an epoch.
  init(evaluation: OnlineEvaluation) { self.evaluation = evaluation }

  /// Why no epoch can have stored this, in words; nil for a valid one.
  func problem(outputs: Int) -> String? {
    evaluation.counts.count == 3 * outputs && evaluation.isSound
      ? nil : "the interrupted epoch has counts of another network"
  }

  /// The part of it that counts if an epoch now has these numbers of batches.
  ///
  /// Batches beyond them are ignored. Those of the validation count only if all training batches
  /// came before them.
  func fitting(training: Int, validation: Int) -> PartialEpoch {
    var epoch = self
    epoch.trainingLosses = Array(trainingLosses.prefix(training))
    if !validationLosses.isEmpty,
      trainingLosses.count != training || validationLosses.count > validation
    {
      epoch.validationLosses = []
      epoch.evaluation = OnlineEvaluation(classCount: evaluation.classCount)
    }
    return epoch
  }

  /// The number of used batches.
  var batches: Int { trainingLosses.count + validationLosses.count }
}
