/// What an epoch has found before it is finished, so that it can go on in its middle.
package struct PartialEpoch: Codable, Hashable, Sendable {
  /// The losses of the training batches so far.
  var trainingLosses: [Double] = []
  /// The losses of the validation batches so far.
  var validationLosses: [Double] = []
  var evaluation: OnlineEvaluation

  /// Begins an epoch.
  init(evaluation: OnlineEvaluation) { self.evaluation = evaluation }

  /// What no epoch can have left like this, in words; nil for a sound one.
  func problem(outputs: Int) -> String? {
    evaluation.counts.count == 3 * outputs && evaluation.isSound
      ? nil : "the interrupted epoch has counts of another network"
  }

  /// What of it counts where an epoch has these numbers of batches now.
  ///
  /// Batches beyond them are left out. Those of the validation count only if all training batches came
  /// before them.
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

  /// The number of batches that were used up.
  var batches: Int { trainingLosses.count + validationLosses.count }
}
