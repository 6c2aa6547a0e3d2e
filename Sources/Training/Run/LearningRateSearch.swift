import Augmentation
import Charts
import Foundation
package import HostSystem
import JSON
import Plans

/// Tries learning rates from far too small to far too large, one batch each.
///
/// Source: nnU-Net v1, `network_trainer.find_lr`: the rate grows by a constant factor, the loss plus
/// one is averaged with a decay of 0.98, and the search ends when that is four times its lowest value.
package struct LearningRateSearch: Hashable, Sendable {
  /// The largest number of batches.
  package var iterations: Int
  package var lowest = 1e-6
  package var highest = 10.0

  package init(iterations: Int = 1000) { self.iterations = iterations }

  static let decay = 0.98
  static let endRatio = 4.0
  /// The number of points omitted at the ends of the curve, as in v1.
  static let leftOut = (first: 10, last: 5)

  /// What was found.
  struct Curve: Codable, Hashable {
    var rates: [Double] = []
    /// The averaged loss plus one.
    var losses: [Double] = []
    /// Where the averaged loss fell fastest; nil if it never fell.
    var suggestion: Double?

    enum CodingKeys: String, CodingKey {
      case rates = "learning_rate"
      case losses = "smoothed_loss"
      case suggestion
    }
  }

  /// Searches with a fresh network and writes `lr_finder.png` and `lr_finder.json` into the fold's folder.
  package func run(_ setup: TrainingSetup, reporter: any Reporter) throws {
    let folder = setup.foldFolder.url
    try makeFolder(at: folder)
    var run = try TrainingRun(setup)
    let curve = try run.tryLearningRates(self, reportingTo: reporter)
    try JSONFile.write(curve, to: folder.appending(path: "lr_finder.json"))
    let picture = folder.appending(path: "lr_finder.png")
    try AtomicFile.write(
      curve.chart(title: setup.pictureTitle + ": loss by learning rate").png(), to: picture)
    reporter.note("wrote \(picture.path)")
    if let rate = curve.suggestion {
      reporter.note(
        "Suggested learning rate: \(String(format: "%.2g", rate)), where the loss fell fastest. "
          + "Use it with --recipe and {\"schedule\": {\"initialRate\": \(String(format: "%.2g", rate))}}."
      )
    } else {
      reporter.warn("The loss did not fall; no learning rate can be suggested.")
    }
  }
}

extension LearningRateSearch.Curve {
  /// Adds the loss of a batch.
  ///
  /// - Returns: Whether the search continues.
  mutating func add(
    loss: Double, rate: Double, average: inout Double, lowest: inout Double
  ) -> Bool {
    let decay = LearningRateSearch.decay
    average = decay * average + (1 - decay) * (loss + 1)
    let smooth = average / (1 - pow(decay, Double(losses.count + 1)))
    guard smooth.isFinite, losses.isEmpty || smooth <= LearningRateSearch.endRatio * lowest else {
      return false
    }
    lowest = losses.isEmpty ? smooth : min(lowest, smooth)
    rates.append(rate)
    losses.append(smooth)
    return true
  }

  /// Finds the rate where the loss falls fastest per power of ten, before its lowest value.
  mutating func suggest() {
    let reach = max(2, losses.count / 40)
    var best = (slope: 0.0, rate: Double?.none)
    let start = min(LearningRateSearch.leftOut.first, losses.count)
    guard let end = losses.indices.dropFirst(start).min(by: { losses[$0] < losses[$1] }) else {
      return
    }
    for index in start..<max(start, end) where index >= reach && index + reach < losses.count {
      let slope =
        (losses[index + reach] - losses[index - reach])
        / log10(rates[index + reach] / rates[index - reach])
      if slope < best.slope { best = (slope, rates[index]) }
    }
    suggestion = best.rate
  }

  /// The curve without its ends, as the loss itself: the search adds 1 to it, as nnU-Net v1 does.
  func chart(title: String) -> LineChart {
    let (first, last) = LearningRateSearch.leftOut
    let range = losses.count > first + last + 1 ? first..<losses.count - last : losses.indices
    var chart = LineChart(
      title: title, xLabel: "learning rate", leftLabel: "smoothed loss",
      curves: [
        .init(
          label: "loss", x: Array(rates[range]), y: losses[range].map { $0 - 1 }, color: .blue)
      ])
    chart.isLogarithmic = true
    if let suggestion {
      chart.marks["suggestion \(String(format: "%.2g", suggestion))"] = suggestion
    }
    return chart
  }
}

extension TrainingRun {
  /// Trains one batch with each rate.
  mutating func tryLearningRates(
    _ search: LearningRateSearch, reportingTo log: some Reporter
  ) throws -> LearningRateSearch.Curve {
    let maker = try setup.batchMaker(seed: seed)
    let queue = BatchQueue(
      positions: BatchPositions(epochs: 0..<1, training: search.iterations, validation: 0)[...],
      threads: setup.augmentationThreads, capacity: setup.augmentationThreads + 2,
      make: { try maker.batch(at: $0) })
    defer { queue.close() }
    var curve = LearningRateSearch.Curve()
    var (average, lowest) = (0.0, 0.0)
    let factor = pow(search.highest / search.lowest, 1 / Double(search.iterations))
    for index in 0..<search.iterations {
      let rate = search.lowest * pow(factor, Double(index))
      step.begin(
        epoch: 0, learningRate: rate,
        momentum: setup.recipe.momentum(epoch: 0, is2D: setup.is2D))
      let loss = try step.train(on: queue.next().batch, log: log)
      log.advance("learning rates", completed: index + 1, of: search.iterations)
      guard curve.add(loss: loss, rate: rate, average: &average, lowest: &lowest) else { break }
    }
    curve.suggest()
    return curve
  }
}
