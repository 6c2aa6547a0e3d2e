package import Foundation
import HostSystem
import Plans

extension V2Description {
  /// The name of the file with the dataset's fingerprint.
  package static let fingerprintFile = "dataset_fingerprint.json"

  /// Writes `plans.json`, `dataset.json` and `dataset_fingerprint.json`.
  ///
  /// - Returns: The names of the files.
  package func write(to folder: URL) throws -> [String] {
    let files = [
      (V2Model.datasetFile, datasetValue), (Self.fingerprintFile, fingerprintValue),
      (V2Model.plansFile, plansValue),
    ]
    for (name, value) in files {
      try AtomicFile.write(value.json, to: folder.appending(path: name))
    }
    return files.map(\.0)
  }

  /// The content of `dataset.json`.
  var datasetValue: PythonValue {
    var entries: [(String, PythonValue)] = [
      (
        "channel_names",
        .keyed(plans.channelNames.sorted { $0.key < $1.key }.map { ("\($0)", .string($1)) })
      ),
      (
        "labels",
        .keyed(
          [("background", .integer(0))]
            + labels.map { label in
              let values = label.values.map { PythonValue.integer($0) }
              return (label.name, regionsClassOrder == nil ? values[0] : .list(values))
            })
      ),
    ]
    if let regionsClassOrder {
      entries.append(("regions_class_order", .list(regionsClassOrder.map { .integer($0) })))
    }
    entries += [
      ("numTraining", .integer(plans.fingerprint.sizes.count)),
      ("file_ending", .string(plans.fileEnding.text)), ("name", .string(dataset)),
    ]
    return .keyed(entries)
  }

  /// The content of `dataset_fingerprint.json`.
  private var fingerprintValue: PythonValue {
    let fingerprint = plans.fingerprint
    let reductions = fingerprint.sizeReductions.values.sorted()
    return .keyed([
      ("foreground_intensity_properties_per_channel", intensities),
      (
        "median_relative_size_after_cropping",
        .number(reductions.isEmpty ? 1 : reductions[reductions.count / 2])
      ),
      ("shapes_after_crop", .list(fingerprint.sizes.map { .list($0.map { .integer($0) }) })),
      ("spacings", .list(fingerprint.spacings.map { .list($0.map { .number($0) }) })),
    ])
  }

  /// Foreground intensities by channel; empty if no channel needs them.
  var intensities: PythonValue {
    .keyed(
      (0..<plans.channelCount).map { channel in
        guard let found = plans.fingerprint.intensities?[channel] else {
          return ("\(channel)", .keyed([]))
        }
        let values = [
          ("max", found.maximum), ("mean", found.mean), ("median", found.median),
          ("min", found.minimum), ("percentile_00_5", found.percentile0p5),
          ("percentile_99_5", found.percentile99p5), ("std", found.standardDeviation),
        ]
        return ("\(channel)", .keyed(values.map { ($0.0, .number($0.1)) }))
      })
  }
}
