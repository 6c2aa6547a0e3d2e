package import Arrays
import HostSystem

/// Makes training samples from prepared cases: place, read, augment.
///
/// A sample depends only on its case and the generator. Opened with
/// ``generator(seed:purpose:epoch:batch:element:)``, it depends on seed, epoch and position, not on
/// the number of threads or their order.
package struct PatchPipeline: Hashable, Sendable {
  /// Chooses the places of the patches.
  package var sampler: PatchSampler
  /// Augments the patches.
  package var recipe: AugmentationRecipe

  /// - Parameters:
  ///   - recipe: Augments the patches and determines their size.
  ///   - batchSize: The number of patches per batch.
  ///   - foregroundFraction: The fraction of patches that are placed around foreground.
  package init(recipe: AugmentationRecipe, batchSize: Int, foregroundFraction: Double = 0.33) {
    self.recipe = recipe
    sampler = PatchSampler(
      initialPatchSize: recipe.initialPatchSize, finalPatchSize: recipe.patchSize,
      batchSize: batchSize, foregroundFraction: foregroundFraction)
  }

  /// The purpose of a stream of random numbers.
  package enum Purpose: UInt64, Hashable, Sendable {
    case training = 0
    case validation = 1
  }

  /// The generator of one sample; the case is drawn from it first, with ``chooseCase(of:using:)``.
  package static func generator(
    seed: UInt64, purpose: Purpose, epoch: Int, batch: Int, element: Int
  ) -> StreamRandom {
    StreamRandom(
      seed: seed, stream: purpose.rawValue, UInt64(epoch), UInt64(batch), UInt64(element))
  }

  /// Draws one of `count` cases, all with equal probability.
  package static func chooseCase(
    of count: Int, using generator: inout some RandomNumberGenerator
  ) -> Int {
    generator.integer(in: 0..<count)
  }

  /// A sample and its origin.
  package struct Patch: Sendable {
    package let sample: AugmentationSample
    package let location: PatchLocation
  }

  /// Makes one sample.
  ///
  /// - Parameters:
  ///   - element: The position in the batch, from 0; the last ones are placed around foreground.
  ///   - reader: The case.
  ///   - locations: The foreground locations of the case.
  ///   - generator: The source of randomness.
  /// - Returns: The augmented sample and the place that it was read from.
  /// - Throws: ``AugmentationError/badLabel(value:labels:)`` if the prepared case is damaged.
  package func makePatch(
    element: Int, from reader: PatchReader, locations: ForegroundVoxels,
    using generator: inout some RandomNumberGenerator
  ) throws(AugmentationError) -> Patch {
    let location = sampler.location(
      element: element, imageSize: reader.imageSize, locations: locations, using: &generator)
    let draw = recipe.draw(channels: reader.channels, using: &generator)
    let window = recipe.window(for: draw)
    let sample = try reader.read(window, of: location)
    return Patch(sample: recipe.apply(draw, to: sample, window: window), location: location)
  }
}
