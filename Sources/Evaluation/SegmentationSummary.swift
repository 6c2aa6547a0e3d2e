package import Foundation
import HostSystem

/// The metrics of all cases of a folder and their means: the content of summary.json.
package struct SegmentationSummary: Hashable, Sendable {
  package var name: String
  package var description: String
  package var task: String
  package var author: String
  /// When the evaluation was made, `2020-10-01 12:34:56.123456` in local time.
  package var timestamp: String
  /// Twelve hexadecimal digits that depend on all other content.
  package var identifier: String
  /// The metrics of each case.
  package var cases: [CaseScores]
  /// The mean of each metric over the cases where it is defined, by label.
  package var means: [Int: LabelScores]
  /// The mean over the foreground labels, if model selection added it (key "mean").
  package var foregroundMean: LabelScores?
  /// The ensemble that was evaluated, if model selection added it.
  package var experimentName: String?

  /// Averages the cases.
  ///
  /// A metric's mean is that of the cases where it is not NaN; it is NaN if there is none.
  package init(
    cases: [CaseScores], name: String = "", task: String = "", description: String = "",
    author: String = "nnU-Net", date: Date = Date()
  ) {
    self.cases = cases
    self.name = name
    self.task = task
    self.description = description
    self.author = author
    timestamp = pythonTimestamp(date)
    identifier = ""
    means = [:]
    for label in Set(cases.flatMap(\.labels.keys)) {
      means[label] = LabelScores(meanOf: cases.compactMap { $0.labels[label] })
    }
    identifier = fingerprint()
  }

  /// The mean Dice over the labels other than background, except those that no case has.
  package var meanForegroundDice: Double {
    mean(means.filter { $0.key != 0 }.map { $0.value[.dice] })
  }

  /// Adds the means over the foreground labels, of each metric over the labels where it is defined.
  package mutating func addForegroundMean() {
    foregroundMean = LabelScores(meanOf: means.filter { $0.key > 0 && $0.key != 99 }.map(\.value))
  }

  private func fingerprint() -> String {
    var hash = FNVHash()
    func add(_ text: String) {
      hash.add(text)
      // No byte of UTF-8: it ends the text.
      hash.add(0xff)
    }
    for text in [name, description, task, author, timestamp] { add(text) }
    for scores in cases {
      add(scores.reference)
      add(scores.prediction)
      for (label, values) in scores.labels.sorted(by: { $0.key < $1.key }) {
        add("\(label)")
        for metric in values.values.keys.sorted() { add("\(metric.rawValue)\(values[metric])") }
      }
    }
    return (hash.value & 0xffff_ffff_ffff).zeroPadded(to: 12, radix: 16)
  }
}

/// The metrics of one case.
package struct CaseScores: Hashable, Sendable {
  /// The file with the true labels.
  package var reference: String
  /// The file with the predicted labels (key "test").
  package var prediction: String
  /// The metrics by label.
  package var labels: [Int: LabelScores]

  package init(reference: String, prediction: String, labels: [Int: LabelScores]) {
    self.reference = reference
    self.prediction = prediction
    self.labels = labels
  }
}

/// The metrics of one label.
package struct LabelScores: Hashable, Sendable {
  package var values: [Metric: Double]

  package init(values: [Metric: Double]) { self.values = values }

  /// The metrics that counts give.
  package init(_ counts: ConfusionCounts, metrics: [Metric] = Metric.standard) {
    // lint: lists of this program
    values = Dictionary(uniqueKeysWithValues: metrics.map { ($0, counts[$0]) })
  }

  /// The means of each metric over the scores where it is defined.
  package init(meanOf scores: [LabelScores]) {
    values = [:]
    for metric in Set(scores.flatMap(\.values.keys)) {
      values[metric] = mean(scores.compactMap { $0.values[metric] })
    }
  }

  /// The value of a metric; NaN if it is not defined or was not computed.
  package subscript(_ metric: Metric) -> Double { values[metric] ?? .nan }
}

/// The mean of the values that are not NaN; NaN if there is none.
func mean(_ values: [Double]) -> Double {
  let defined = values.filter { !$0.isNaN }
  return defined.isEmpty ? .nan : defined.reduce(0, +) / Double(defined.count)
}

/// Local time as Python's `str(datetime)` writes it.
private func pythonTimestamp(_ date: Date) -> String {
  let seconds = date.timeIntervalSince1970
  var whole = time_t(trusted: seconds.rounded(.down))
  var parts = tm()
  localtime_r(&whole, &parts)
  let micros = min(999_999, Int(trusted: (seconds - seconds.rounded(.down)) * 1e6))
  return String(
    format: "%04d-%02d-%02d %02d:%02d:%02d.%06d", Int(parts.tm_year) + 1900, Int(parts.tm_mon) + 1,
    Int(parts.tm_mday), Int(parts.tm_hour), Int(parts.tm_min), Int(parts.tm_sec), micros)
}

extension [CaseScores] {
  /// The same scores for files in another folder.
  package func relocated(from old: URL, to new: URL) -> [CaseScores] {
    func moved(_ path: String) -> String {
      guard path.utf8.starts(with: (old.path + "/").utf8) else { return path }
      return new.path + String(decoding: path.utf8.dropFirst(old.path.utf8.count), as: UTF8.self)
    }
    return map {
      CaseScores(
        reference: moved($0.reference), prediction: moved($0.prediction), labels: $0.labels)
    }
  }
}
