import Arrays
package import Foundation
package import HostSystem
import Imaging
import JSON

/// Determines from predictions with known labels which components to remove.
///
/// First the whole foreground is treated as one structure: this is adopted if the mean Dice of a
/// label improves and that of no other gets worse. Then, on top of this decision, every label
/// separately: adopted for each label whose Dice improves. NaN (a label that no case has) is
/// neither better nor worse. Follows nnU-Net v1 (`determine_postprocessing`), but the alternatives
/// are tried in memory, in one pass over the cases.
package struct PostprocessingSearch: Sendable {
  /// Contains both folders of predictions and receives `postprocessing.json`.
  package var base: URL
  /// The folder with the true labels; it may contain more cases.
  package var references: URL
  /// The name of the folder with predictions and their `summary.json`.
  package var rawFolder: String
  /// The name of the folder that receives the postprocessed predictions and their summary.
  package var finalFolder: String
  package var threads: Int
  /// The final place of ``base``; the summary names files there.
  package var publishedBase: URL?
  /// The marks of the trainings that the decision is made with, see ``Postprocessing/foldMarks``.
  package var foldMarks: [String: String] = [:]

  package init(
    base: URL, references: URL, rawFolder: String, finalFolder: String, threads: Int
  ) {
    self.base = base
    self.references = references
    self.rawFolder = rawFolder
    self.finalFolder = finalFolder
    self.threads = threads
  }

  /// Decides, writes the postprocessed predictions, their summary and `postprocessing.json`.
  ///
  /// - Returns: The decision.
  /// - Throws: ``EvaluationError`` naming every case that cannot be read or compared.
  @discardableResult
  package func run(
    reporter: any Reporter = SilentReporter()
  ) throws -> Postprocessing {
    let raw = base.appending(path: rawFolder)
    let summary = try JSONFile.read(
      SegmentationSummary.self, from: raw.appending(path: "summary.json"))
    let labels = summary.means.keys.filter { $0 != 0 }.sorted()
    guard !labels.isEmpty else { throw EvaluationError.noLabels }
    if let label = labels.first(where: { !(1...255 ~= $0) }) {
      throw EvaluationError.labelOutOfRange(label)
    }
    // The folder may contain files that were not validated.
    let files = summary.cases.map { ($0.prediction as NSString).lastPathComponent }.sorted()
    let trials = try tryRemovals(files, labels: labels, reporter: reporter)
    var decision = decide(
      labels: labels, raw: summary.means.mapValues { $0[.dice] }, trials: trials)
    decision.caseCount = summary.cases.count
    decision.rawFolder = rawFolder
    decision.finalFolder = finalFolder
    decision.foldMarks = foldMarks
    reporter.note(explanation(of: decision, labels: labels))
    try writeFinal(files, decision: decision, labels: labels, reporter: reporter)
    // Last, so that everything else exists if this file does.
    try JSONFile.write(decision, to: base.appending(path: Postprocessing.fileName))
    return decision
  }

  /// The effect of removing components on one case, or the mean over all cases: Dice by label.
  struct Trials: Sendable {
    /// The foreground as one structure.
    var joint: [Int: Double] = [:]
    /// Each label separately, from the raw prediction.
    var separate: [Int: Double] = [:]
    /// Each label separately, after the foreground as one structure.
    var jointThenSeparate: [Int: Double] = [:]
  }

  /// The groups that improve on `raw`, with the Dice of each step.
  func decide(labels: [Int], raw: [Int: Double], trials: Trials) -> Postprocessing {
    func value(_ dice: [Int: Double], _ label: Int) -> Double { dice[label] ?? .nan }
    var decision = Postprocessing(groups: [])
    decision.rawDice = raw.filter { labels.contains($0.key) }
    decision.jointDice = trials.joint
    let isBetter = labels.contains { value(trials.joint, $0) > value(raw, $0) }
    let isWorse = labels.contains { value(trials.joint, $0) < value(raw, $0) }
    let takesJoint = isBetter && !isWorse
    if takesJoint { decision.groups.append(.joint(labels)) }
    guard labels.count > 1 else { return decision }
    let before = takesJoint ? trials.joint : raw
    decision.separateDice = takesJoint ? trials.jointThenSeparate : trials.separate
    for label in labels where value(decision.separateDice, label) > value(before, label) {
      decision.groups.append(.label(label))
    }
    return decision
  }

  private func tryRemovals(
    _ files: [String], labels: [Int], reporter: any Reporter
  ) throws -> Trials {
    let counter = StepCounter(
      "determining postprocessing", total: files.count, reporter: reporter)
    let failures = CaseFailures()
    let results = mapInParallel(count: files.count, threads: threads) { index in
      defer { counter.step() }
      return failures.collect(files[index]) {
        try tryRemovals(in: files[index], labels: labels)
      }
    }
    try EvaluationError.throwIfAny(failures)
    let all = results.compactMap(\.self)
    func means(_ part: (Trials) -> [Int: Double]) -> [Int: Double] {
      Dictionary(
        uniqueKeysWithValues: labels.map { label in  // lint: keys of a dictionary
          (label, mean(all.map { part($0)[label] ?? .nan }))
        })
    }
    return Trials(
      joint: means(\.joint), separate: means(\.separate),
      jointThenSeparate: means(\.jointThenSeparate))
  }

  private func tryRemovals(in file: String, labels: [Int]) throws -> Trials {
    let (reference, raw) = try readPair(pair(of: file, in: rawFolder))
    let volume = raw.geometry.spacing.reduce(1.0, *)
    func dice(_ prediction: DenseArray<UInt8>) -> [Int: Double] {
      let overlap = LabelOverlap(reference: reference.labels, prediction: prediction)
      // lint: keys of a dictionary
      return Dictionary(uniqueKeysWithValues: labels.map { ($0, overlap.counts(of: $0)[.dice]) })
    }
    func removing(_ groups: [LabelGroup], from labels: DenseArray<UInt8>) -> DenseArray<UInt8> {
      var labels = labels
      keepLargestComponents(of: groups, in: &labels, voxelVolume: volume)
      return labels
    }
    let joint = removing([.joint(labels)], from: raw.labels)
    var trials = Trials(joint: dice(joint))
    guard labels.count > 1 else { return trials }
    let each = labels.map(LabelGroup.label)
    trials.separate = dice(removing(each, from: raw.labels))
    trials.jointThenSeparate = dice(removing(each, from: joint))
    return trials
  }

  private func writeFinal(
    _ files: [String], decision: Postprocessing, labels: [Int],
    reporter: any Reporter
  ) throws {
    let final = base.appending(path: finalFolder)
    try decision.apply(
      toFolder: base.appending(path: rawFolder), writingTo: final, files: files, threads: threads,
      reporter: reporter)
    let cases = try evaluate(
      files.map { pair(of: $0, in: finalFolder) }, labels: labels, threads: threads,
      reporter: reporter)
    try JSONFile.write(
      SegmentationSummary(cases: cases.relocated(from: base, to: publishedBase ?? base)),
      to: final.appending(path: "summary.json"))
  }

  private func pair(of file: String, in folder: String) -> SegmentationPair {
    SegmentationPair(
      reference: references.appending(path: file),
      prediction: base.appending(path: folder).appending(path: file))
  }

  /// The decision in one sentence; all numbers are in `postprocessing.json`.
  func explanation(of decision: Postprocessing, labels: [Int]) -> String {
    let isJoint = decision.groups.contains(.joint(labels))
    let alone = labels.filter { decision.groups.contains(.label($0)) }
    guard isJoint || !alone.isEmpty else {
      return "postprocessing: nothing is removed because no label would improve"
    }
    var parts = isJoint ? [labels.count > 1 ? "the whole foreground" : "the foreground"] : []
    if !alone.isEmpty {
      parts.append(
        (alone.count == 1 ? "label " : "labels ") + alone.map(String.init).joined(separator: ", "))
    }
    let before = mean(labels.map { decision.rawDice[$0] ?? .nan })
    let joint = isJoint ? decision.jointDice : decision.rawDice
    let after = mean(
      labels.map { (alone.contains($0) ? decision.separateDice[$0] : joint[$0]) ?? .nan })
    return
      "postprocessing: keep only the largest component of \(parts.joined(separator: " and of "))"
      + " is kept; mean Dice \(NumberText.score(before)) -> \(NumberText.score(after))"
  }
}
