import Arrays
package import Foundation
package import HostSystem
import JSON
import ModelExchange
import Plans
import Preprocessing

/// Imports a task that the Python nnU-Net v1 planned and prepared, with its splits.
///
/// Plans, fingerprint and splits become JSON, and the cases `.npy` with the same voxels; training
/// then draws from the same voxels of each class as v1.
package struct V1TaskImport: Sendable {
  /// Their `nnUNet_preprocessed/TASK`.
  package var source: URL
  /// Our `nnUNet_preprocessed/TASK`; may be the same folder.
  package var target: URL
  /// Whether existing cases, plans and splits are replaced.
  package var overwrites = false
  package var threads = 1

  package init(source: URL, target: URL) {
    self.source = source
    self.target = target
  }

  /// Takes over everything.
  ///
  /// Each file is written completely or not at all; a second call continues after an interruption.
  package func run(reporter: some Reporter) throws {
    let plans = try readPlans()
    let stages = plans.flatMap { plans in
      plans.stages.keys.sorted().map { Stage(plans: plans, number: $0) }
    }
    let present = try stages.map { try ($0, cases(in: $0.folder(of: source))) }
      .filter { !$0.1.isEmpty }
    guard !present.isEmpty else {
      throw TaskImportError.noCases(
        folder: source.path, expected: stages.map { $0.folder(of: source).lastPathComponent })
    }
    try makeFolder(at: target)
    sweepLeftovers(in: target, reporter: reporter)
    try takeOverDescription(reporter: reporter)
    try takeOverReferences()
    for (stage, cases) in present { try takeOver(cases, of: stage, reporter: reporter) }
    for (name, plans) in zip(try planFiles(), plans) {
      let file = target.appending(path: name.substituting(".pkl", with: ".json"))
      try write(to: file, reporter: reporter) { try JSONFile.write(plans, to: $0) }
    }
  }

  // MARK: - Plans, fingerprint, splits

  private func planFiles() throws -> [String] {
    let names = (try? fileNames(in: source)) ?? []
    return names.filter {
      $0.ends(with: "_plans_3D.pkl") || $0.ends(with: "_plans_2D.pkl")
    }
  }

  private func readPlans() throws -> [ExperimentPlans] {
    let files = try planFiles()
    guard !files.isEmpty else { throw TaskImportError.noPlans(folder: source.path) }
    return try files.map { try V1Model.plans(contentsOf: source.appending(path: $0)) }
  }

  private func takeOverDescription(reporter: some Reporter) throws {
    let description = source.appending(path: "dataset.json")
    if fileExists(description) {
      try write(to: target.appending(path: "dataset.json"), reporter: reporter) {
        try AtomicFile.write(Data(contentsOf: description), to: $0)
      }
    }
    let fingerprint = source.appending(path: "dataset_properties.pkl")
    if fileExists(fingerprint) {
      let value: DatasetFingerprint = try decoded(fingerprint)
      try write(to: target.appending(path: "dataset_properties.json"), reporter: reporter) {
        try JSONFile.write(value, to: $0)
      }
    }
    let splits = source.appending(path: "splits_final.pkl")
    if fileExists(splits) {
      let value = DataSplits(splits: try decoded(splits))
      try write(to: target.appending(path: DataSplits.fileName), reporter: reporter) {
        try value.write(to: $0)
      }
    }
  }

  /// Copies the reference segmentations, which are used to compare trainings.
  private func takeOverReferences() throws {
    let name = "gt_segmentations"
    let from = source.appending(path: name)
    let into = target.appending(path: name)
    guard from.standardizedFileURL != into.standardizedFileURL else { return }
    for file in (try? fileNames(in: from, endingWith: ".nii.gz")) ?? [] {
      try makeFolder(at: into)
      let copy = into.appending(path: file)
      guard overwrites || !fileExists(copy) else { continue }
      let content = try MappedFile(at: from.appending(path: file))
      let data = withExtendedLifetime(content) { Data(content.bytes) }
      try content.requireWhole()
      try AtomicFile.write(data, to: copy)
    }
  }

  private func decoded<Value: Decodable>(_ url: URL) throws -> Value {
    try JSONFile.decode(
      Value.self, from: V1Model.pickle(contentsOf: url).json(path: url.path), path: url.path)
  }

  private func write(
    to url: URL, reporter: some Reporter, _ body: (URL) throws -> Void
  ) throws {
    guard overwrites || !fileExists(url) else {
      reporter.note("\(url.path) exists and is not changed")
      return
    }
    try body(url)
    reporter.note("wrote \(url.path)")
  }
}

// MARK: - Cases

extension V1TaskImport {
  /// A resolution of some plans.
  private struct Stage {
    var plans: ExperimentPlans
    var number: Int

    func folder(of task: URL) -> URL {
      PreparedStore(task: task, plans: plans, stage: number).folder
    }
  }

  private func cases(in folder: URL) throws -> [String] {
    let names = (try? fileNames(in: folder)) ?? []
    let present = Set(names)
    return names.compactMap { $0.dropping(suffix: ".npz").map(String.init) }
      .filter { present.contains($0 + ".pkl") }.sorted()
  }

  private func takeOver(
    _ cases: [String], of stage: Stage, reporter: some Reporter
  ) throws {
    let store = PreparedStore(folder: stage.folder(of: target))
    let folder = stage.folder(of: source)
    try makeFolder(at: store.folder)
    let there = overwrites ? [] : Set(try store.identifiers())
    let missing = cases.filter { !there.contains($0) }
    let counter = StepCounter(
      "importing \(store.folder.lastPathComponent)", total: missing.count, reporter: reporter)
    try forEachInParallel(count: missing.count, threads: threads) { index in
      let found = try V1PreparedCase(
        missing[index], in: folder, classes: stage.plans.foregroundLabels)
      try store.write(found.prepared, locations: found.locations, missing[index])
      counter.step()
    }
  }
}
