import Arrays
package import Foundation
import HostSystem
import Imaging
package import Plans

/// The fingerprint of the cases, for display.
package struct FingerprintPart: Sendable {
  /// The intensities of the foreground of one case in one channel.
  package struct IntensityRange: Hashable, Sendable {
    package var name: String
    package var low: Double
    package var median: Double
    package var high: Double
  }

  package var fingerprint: DatasetFingerprint
  /// The half percent quantiles and the median of each case, by channel; sorted by median.
  package var intensities: [Int: [IntensityRange]] = [:]
  /// The origin of the intensities.
  package var source = ""

  /// The largest number of cases to read for intensities that the fingerprint does not contain.
  package static let sampledCases = 24

  /// Takes the intensities from the fingerprint (CT), otherwise from images of the raw task.
  ///
  /// - Parameters:
  ///   - fingerprint: The measurements of all cases.
  ///   - rawTask: The raw task's folder and its description, if they exist.
  ///   - threads: The number of images to read at once.
  package init(
    _ fingerprint: DatasetFingerprint, rawTask: (folder: URL, description: DatasetDescription)?,
    threads: Int
  ) {
    self.fingerprint = fingerprint
    if let stored = fingerprint.intensities, stored.values.contains(where: { $0.perCase != nil }) {
      for (channel, statistics) in stored {
        intensities[channel] = Self.sorted(
          (statistics.perCase ?? [:]).map { name, values in
            IntensityRange(
              name: name, low: values.percentile0p5, median: values.median,
              high: values.percentile99p5)
          })
      }
      source = "of all cases, as the plans store them"
    } else if let rawTask {
      read(rawTask.folder, rawTask.description, threads: threads)
    }
  }

  private static func sorted(_ ranges: [IntensityRange]) -> [IntensityRange] {
    ranges.sorted { ($0.median, $0.name) < ($1.median, $1.name) }
  }

  private mutating func read(_ folder: URL, _ description: DatasetDescription, threads: Int) {
    let all = description.training
    let count = min(all.count, Self.sampledCases)
    guard count > 0 else { return }
    let chosen = (0..<count).map { all[$0 * all.count / count] }
    let found = mapInParallel(count: count, threads: threads) { index in
      Self.ranges(of: chosen[index], in: folder, description)
    }
    for channel in description.channelNames.keys {
      let ranges = found.compactMap { $0[channel] }
      if !ranges.isEmpty { intensities[channel] = Self.sorted(ranges) }
    }
    source =
      "of \(intensities.values.first?.count ?? 0) of \(countText(all.count, "case")), read from the raw images"
  }

  /// Each channel's range within the labelled voxels of a case; empty if files cannot be read.
  private static func ranges(
    of trainingCase: DatasetDescription.TrainingCase, in folder: URL,
    _ description: DatasetDescription
  ) -> [Int: IntensityRange] {
    guard
      let labels = try? VolumeFile.readLabels(
        at: description.labelFile(of: trainingCase, in: folder)
      ).labels
    else { return [:] }
    var ranges: [Int: IntensityRange] = [:]
    let files = description.imageFiles(of: trainingCase.identifier, in: folder)
    let images = files.map { try? VolumeFile.readChannels(at: $0) }
    // A file that cannot be read takes the place of one channel.
    let channels = images.flatMap { image in
      (0..<(image?.channels ?? 1)).map { (image: image, position: $0) }
    }
    for (channel, (image, position)) in channels.enumerated() {
      guard let image, image.volumeShape == labels.shape else { continue }
      let plane = image.voxels.scalars[position * labels.count..<(position + 1) * labels.count]
      let values = zip(plane, labels.scalars).compactMap { $1 > 0 ? $0 : nil }.sorted()
      guard !values.isEmpty else { continue }
      func quantile(_ part: Double) -> Double {
        Double(values[Int(trusted: (part * Double(values.count - 1)).rounded())])
      }
      ranges[channel] = IntensityRange(
        name: trainingCase.identifier, low: quantile(0.005), median: quantile(0.5),
        high: quantile(0.995))
    }
    return ranges
  }
}
