import Foundation
package import HostSystem
package import Plans
import Torch

/// Measures the time of epochs on this machine.
///
/// nnU-Net v1's documented recipe: a few epochs with real data and with one batch that is used over
/// and over ("dummy"), no checkpoints, no validation of cases; the fastest epoch counts.
package struct EpochBenchmark: Sendable {
  /// One way of training.
  package struct Case: Hashable, Sendable {
    package var configuration: Configuration
    /// Whether one batch is used over and over, to measure only the network.
    package var usesDummyLoad: Bool
    /// The multiple of the plans' batch size.
    package var batchFactor: Int

    package init(_ configuration: Configuration, usesDummyLoad: Bool, batchFactor: Int = 1) {
      self.configuration = configuration
      self.usesDummyLoad = usesDummyLoad
      self.batchFactor = batchFactor
    }

    /// The name that the table shows.
    package var name: String {
      configuration.rawValue + (usesDummyLoad ? " dummy" : "")
        + (batchFactor > 1 ? " large (\(batchFactor)×batch)" : "")
    }
  }

  /// The measurements of one case.
  package struct Measurement: Codable, Hashable, Sendable {
    package var name: String
    package var batchSize: Int
    package var patchSize: [Int]
    package var trainingBatches: Int
    package var validationBatches: Int
    /// The time of each epoch.
    package var epochSeconds: [Double]
    /// The time that the network waited for batches in each epoch.
    package var waitingSeconds: [Double]

    enum CodingKeys: String, CodingKey {
      case name
      case batchSize = "batch_size"
      case patchSize = "patch_size"
      case trainingBatches = "training_batches"
      case validationBatches = "validation_batches"
      case epochSeconds = "epoch_seconds"
      case waitingSeconds = "waiting_seconds"
    }

    /// The index of the fastest epoch.
    var fastest: Int {
      epochSeconds.indices.min { epochSeconds[$0] < epochSeconds[$1] } ?? 0
    }
  }

  /// All measurements of a run, with the hardware.
  package struct Report: Codable, Hashable, Sendable {
    package var task: String
    package var hardware: String
    package var device: String
    package var precision: String
    package var threads: Int
    package var memoryInBytes: UInt64
    package var date: String
    package var measurements: [Measurement]

    enum CodingKeys: String, CodingKey {
      case task, hardware, device, precision, threads, date, measurements
      case memoryInBytes = "memory_in_bytes"
    }
  }

  /// Makes the setup of a configuration with a trainer, for one fold.
  package var makeSetup: @Sendable (Configuration, TrainingRecipe) throws -> TrainingSetup
  /// The lengths that the user requests.
  package var changes: RecipeChanges
  /// Threads of one operation, for the report.
  package var threads: Int

  package init(
    changes: RecipeChanges, threads: Int,
    makeSetup: @escaping @Sendable (Configuration, TrainingRecipe) throws -> TrainingSetup
  ) {
    self.changes = changes
    self.threads = threads
    self.makeSetup = makeSetup
  }

  /// Measures all cases, one after the other.
  package func run(
    _ cases: [Case], reporter: any Reporter
  ) throws -> Report {
    // All setups first, so that missing parts are reported before hours of work.
    let setups = try cases.map { try setup(of: $0) }
    var report: Report?
    for (item, setup) in zip(cases, setups) {
      reporter.note("\(setup.task): \(item.name)")
      var run = try TrainingRun(setup)
      try run.run(reportingTo: reporter)
      let measurement = Measurement(
        name: item.name, batchSize: setup.batchSize, patchSize: setup.stagePlan.patchSize,
        trainingBatches: setup.recipe.iterationsPerEpoch,
        validationBatches: setup.recipe.validationIterationsPerEpoch,
        epochSeconds: run.records.map(\.seconds), waitingSeconds: run.records.map(\.secondsWaited))
      report = report ?? self.report(of: setup)
      report?.measurements.append(measurement)
    }
    guard let report else { preconditionFailure("there is at least one case") }
    return report
  }

  private func setup(of item: Case) throws -> TrainingSetup {
    var recipe = try TrainingRecipe.named(
      item.usesDummyLoad ? "nnUNetTrainerV2_5epochs_dummyLoad" : "nnUNetTrainerV2_5epochs")
    changes.apply(to: &recipe)
    var setup = try makeSetup(item.configuration, recipe)
    if item.batchFactor > 1 { setup.recipe.batchSize = setup.batchSize * item.batchFactor }
    return setup
  }

  private func report(of setup: TrainingSetup) -> Report {
    Report(
      task: setup.task, hardware: processorName(), device: "\(setup.device)",
      precision: setup.precision.rawValue, threads: threads,
      memoryInBytes: ProcessInfo.processInfo.physicalMemory, date: Date().formatted(.iso8601),
      measurements: [])
  }
}

extension EpochBenchmark.Report {
  /// The measurements as a table for a terminal.
  package var plainTable: String {
    func seconds(_ value: Double?) -> String { value.map { NumberText.short($0) + " s" } ?? "–" }
    let rows = measurements.map { row in
      [
        row.name, "\(row.batchSize)", sizeText(row.patchSize),
        "\(row.trainingBatches) + \(row.validationBatches)",
        seconds(row.epochSeconds.isEmpty ? nil : row.epochSeconds[row.fastest]),
        seconds(row.waitingSeconds.isEmpty ? nil : row.waitingSeconds[row.fastest]),
      ]
    }
    return TextTable(
      [["configuration", "batch", "patch", "batches", "fastest", "of it waiting"]] + rows
    ).lines().joined(separator: "\n")
  }

  /// The report as a table in Markdown.
  package var table: String {
    let gigabytes = String(format: "%.0f", Double(memoryInBytes) / Double(1 << 30))
    var lines = [
      "# Epoch times of \(task)", "",
      "Hardware: \(hardware), \(threads) threads, \(gigabytes) GB; device \(device) in \(precision); \(date)",
      "",
      "| configuration | batch | patch | batches per epoch | fastest epoch (s) | all epochs (s) | waiting for batches (s) |",
      "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for row in measurements {
      let patch = row.patchSize.map(String.init).joined(separator: "×")
      let all = row.epochSeconds.map { String(format: "%.2f", $0) }.joined(separator: ", ")
      let fastest = row.epochSeconds.isEmpty ? .nan : row.epochSeconds[row.fastest]
      let waited = row.waitingSeconds.isEmpty ? .nan : row.waitingSeconds[row.fastest]
      lines.append(
        "| \(row.name) | \(row.batchSize) | \(patch) | \(row.trainingBatches) + "
          + "\(row.validationBatches) | \(String(format: "%.2f", fastest)) | \(all) | "
          + "\(String(format: "%.2f", waited)) |")
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
