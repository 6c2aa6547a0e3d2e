import Arrays

/// Turns a sample by multiples of 90° in the plane of two axes of equal extent.
///
/// Source: batchgenerators, `Rot90Transform`.
package struct QuarterTurns: RandomTransform, Hashable {
  /// The probability that a sample is changed.
  package var probability = 0.5
  /// The spatial axes of equal extent of which two are drawn.
  package var axes: [Int]
  /// The possible numbers of turns; zero is one of them.
  package var turns = 0...3

  package init(axes: [Int], probability: Double = 0.5) {
    precondition(axes.count >= 2, "a turn needs two axes")
    self.axes = axes.sorted()
    self.probability = probability
  }

  /// How often it is turned, from the first axis towards the second, which is the higher one.
  package struct Parameters: Hashable, Sendable {
    package var turns: Int
    package var axes: [Int]

    package init(turns: Int, axes: [Int]) {
      self.turns = turns
      self.axes = axes
    }
  }

  package func sample(
    channels: Int, using generator: inout some RandomNumberGenerator
  ) -> Parameters? {
    guard generator.bernoulli(probability) else { return nil }
    let turns = generator.integer(in: turns)
    return Parameters(
      turns: turns, axes: axes.shuffled(using: &generator).prefix(2).sorted())
  }

  package func apply(_ parameters: Parameters, to sample: inout AugmentationSample) {
    let (first, second) = (parameters.axes[0], parameters.axes[1])
    var order = Array(0..<sample.spatialShape.count)
    // A quarter turn swaps the axes and mirrors one of them; a half turn mirrors both.
    if parameters.turns % 2 == 1 { order.swapAt(first, second) }
    sample.permute(axes: order)
    let mirrored = [[], [first], [first, second], [second]][parameters.turns % 4]
    Mirroring(axes: mirrored).apply(.init(axes: mirrored), to: &sample)
  }
}
