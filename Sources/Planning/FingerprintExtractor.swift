import Arrays
import Foundation
import HostSystem
package import Plans
package import Preprocessing

/// Collects what planning needs to know from the cropped cases of a task.
///
/// See Guides/Planning.md for what is collected and why.
package struct FingerprintExtractor: Hashable, Sendable {
  /// Intensities are taken from every `voxelStep`th foreground voxel of a case, in C order.
  package var voxelStep = 10
  /// The number of threads.
  package var threads: Int

  package init(threads: Int = 1) { self.threads = threads }

  /// The fingerprint of the cases of a store.
  ///
  /// Intensities are collected, for all channels, when at least one of them is CT.
  ///
  /// - Throws: ``PlanningError`` when there are no cases or a CT dataset has no foreground voxels;
  ///   errors of the store.
  package func fingerprint(
    of store: CroppedStore, description: DatasetDescription
  ) throws -> DatasetFingerprint {
    let identifiers = try store.identifiers()
    guard !identifiers.isEmpty else { throw PlanningError.noCases }
    let cases = try mapInParallel(count: identifiers.count, threads: threads) {
      try store.properties(of: identifiers[$0])
    }
    let hasCT = description.channelNames.values.contains(where: NormalizationSchemeRule.isCT)
    return DatasetFingerprint(
      sizes: cases.map(\.sizeAfterCropping), spacings: cases.map(\.originalSpacing),
      foregroundLabels: description.foregroundLabels, channelNames: description.channelNames,
      intensities: hasCT ? try intensities(of: store, identifiers, description) : nil,
      sizeReductions: Dictionary(
        zip(identifiers, cases.map(Self.sizeReduction)), uniquingKeysWith: { first, _ in first }))
  }

  private static func sizeReduction(_ properties: CaseProperties) -> Double {
    Double(properties.sizeAfterCropping.trustedProduct)
      / Double(properties.originalSize.trustedProduct)
  }

  private func intensities(
    of store: CroppedStore, _ identifiers: [String], _ description: DatasetDescription
  ) throws -> [Int: IntensityStatistics] {
    var statistics: [Int: IntensityStatistics] = [:]
    // One channel at a time, so that only its samples are in memory.
    for channel in description.channelNames.keys.sorted() {
      let samples = try samples(ofChannel: channel, store, identifiers)
      var all = IntensityStatistics(of: samples.flatMap { $0 })
      guard !all.median.isNaN else { throw PlanningError.noForegroundVoxels }
      all.perCase = Dictionary(
        zip(identifiers, samples.map(IntensityStatistics.init(of:))),
        uniquingKeysWith: { first, _ in first })
      statistics[channel] = all
    }
    return statistics
  }

  private func samples(
    ofChannel channel: Int, _ store: CroppedStore, _ identifiers: [String]
  ) throws -> [[Float]] {
    try mapInParallel(count: identifiers.count, threads: threads) { index in
      let mapped = try store.open(identifiers[index])
      return try mapped.array.withScalars { scalars in
        foregroundSample(scalars, channel: channel, channelCount: mapped.channelCount)
      }
    }
  }

  /// Every `voxelStep`th of a channel's voxels with a label above 0.
  ///
  /// - Parameters:
  ///   - scalars: A cropped case, `(channel + 1, z, y, x)`, with the labels last.
  ///   - channel: The channel, counted from 0.
  ///   - channelCount: The number of channels without the labels.
  /// - Returns: The intensities, in the order of the voxels.
  func foregroundSample(
    _ scalars: UnsafeBufferPointer<Float>, channel: Int, channelCount: Int
  ) -> [Float] {
    let count = scalars.count / (channelCount + 1)
    guard let start = scalars.baseAddress, count > 0 else { return [] }
    let (voxels, labels) = (start + channel * count, start + channelCount * count)
    var sample: [Float] = []
    var foregroundCount = 0
    for index in 0..<count where labels[index] > 0 {
      if foregroundCount % voxelStep == 0 { sample.append(voxels[index]) }
      foregroundCount &+= 1
    }
    return sample
  }
}
