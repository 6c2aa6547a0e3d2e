import Foundation
import HostSystem
import JSON

/// What a training was made from: its plans and the cases of its fold.
///
/// A fold's folder keeps it as `origin.json`, so that a command that later finds other plans or
/// another split can list the differences; the checkpoints contain its ``fingerprints``.
package struct TrainingOrigin: Codable, Hashable, Sendable {
  package var plans: ExperimentPlans
  package var split: DataSplit

  /// The name of the file in a fold's folder.
  package static let fileName = "origin.json"

  package init(plans: ExperimentPlans, split: DataSplit) {
    self.plans = plans
    self.split = split
  }

  /// The fingerprints of both.
  package var fingerprints: OriginFingerprints {
    get throws {
      OriginFingerprints(plans: try plans.originFingerprint, split: split.originFingerprint)
    }
  }
}

/// Fingerprints of what a training was made from; every checkpoint contains them.
///
/// They show whether plans or cases differ, but not how; ``TrainingOrigin`` does.
package struct OriginFingerprints: Codable, Hashable, Sendable {
  package var plans: String
  package var split: String

  package init(plans: String, split: String) {
    self.plans = plans
    self.split = split
  }
}

extension ExperimentPlans {
  /// The fingerprint of everything that a network's training depends on.
  ///
  /// The resampling of segmentations to the image is not included: it may change after the
  /// training.
  package var originFingerprint: String {
    get throws {
      var checksum = ContentChecksum()
      try JSONFile.encode(withoutExport).withUnsafeBytes { checksum.add($0) }
      return checksum.text
    }
  }

  /// The differences from other plans, by the keys of their files, for trainings.
  package func originDifferences(from old: ExperimentPlans) throws -> [String] {
    try JSONFile.differences(between: old.withoutExport, and: withoutExport)
  }

  private var withoutExport: ExperimentPlans {
    var plans = self
    plans.exportParameters = nil
    return plans
  }
}

extension DataSplit {
  /// The fingerprint of the cases of both sides, whatever their order.
  package var originFingerprint: String {
    var checksum = ContentChecksum()
    for side in [training, validation] {
      checksum.add("\(side.count)")
      // Sorted by bytes: names that only look alike are different cases.
      for name in side.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
        checksum.add(name)
      }
    }
    return checksum.text
  }

  /// The differences from the split that a network was trained with, in words.
  package func originDifferences(from old: DataSplit) -> [String] {
    let (seen, held) = (Set(old.training), Set(old.validation))
    func named(_ names: Set<String>) -> String { DataSplits.list(names) }
    let leaks = seen.intersection(validation).subtracting(held)
    let trains = held.intersection(training).subtracting(seen)
    let new = Set(training + validation).subtracting(seen).subtracting(held)
    let gone = seen.union(held).subtracting(training).subtracting(validation)
    return [
      ("were trained on and would now be validated", leaks),
      ("were validated and would now be trained on", trains),
      ("are new", new), ("are gone", gone),
    ].filter { !$0.1.isEmpty }.map { "\($0.0): \(named($0.1))" }
  }
}
