import Arrays
import Foundation
import HostSystem
import Imaging
import JSON
import Plans
import TestSupport

/// A raw task of a few small images, each a bright ball in noise, and folders for everything that
/// nnU-Net writes.
struct TinyTask {
  static let name = "Task099_Ball"
  static let shape = [20, 24, 22]
  static let geometry = Geometry(
    spacing: [1, 1.2, 1.5], origin: [-10, 5, 30], direction: [1, 0, 0, 0, 1, 0, 0, 0, 1])

  /// Contains everything else; its path contains no symbolic link.
  let base: URL
  let cases: [String]

  var task: URL { base.appending(path: "raw/nnUNet_raw_data/\(Self.name)") }
  var preprocessed: URL { base.appending(path: "preprocessed/\(Self.name)") }

  /// The program with the three variables set to folders in ``base``.
  var program: Program {
    Program(
      environment: [
        "nnUNet_raw_data_base": base.appending(path: "raw").path,
        "nnUNet_preprocessed": base.appending(path: "preprocessed").path,
        "RESULTS_FOLDER": base.appending(path: "results").path,
      ], folder: base)
  }

  /// Writes the task; the cases that are only for prediction also get labels, in `labelsTs`.
  init(trainingCases: Int = 6, testCases: Int = 0) throws {
    base = try temporaryFolder().resolvingSymlinksInPath()
    cases = (0..<trainingCases).map { "ball_\(String(format: "%02d", $0))" }
    for folder in ["imagesTr", "labelsTr", "imagesTs", "labelsTs"] {
      try makeFolder(at: task.appending(path: folder))
    }
    for (index, name) in cases.enumerated() { try Self.write(name, seed: index, "Tr", to: task) }
    for index in 0..<testCases {
      try Self.write("new_\(index)", seed: 1000 + index, "Ts", to: task)
    }
    let description = DatasetDescription(
      name: "Ball", channelNames: [0: "MRI"], labels: [0: "background", 1: "ball"],
      training: cases.map { .init(identifier: $0) })
    try JSONFile.write(description, to: task.appending(path: "dataset.json"))
  }

  func image(_ index: Int) -> URL { task.appending(path: "imagesTr/\(cases[index])_0000.nii.gz") }

  func label(_ index: Int) -> URL { task.appending(path: "labelsTr/\(cases[index]).nii.gz") }

  private static func write(_ name: String, seed: Int, _ suffix: String, to task: URL) throws {
    var random = StreamRandom(seed: UInt64(seed), stream: 1)
    let center = shape.map { Double($0) * Double.random(in: 0.4...0.6, using: &random) }
    let radius = Double.random(in: 5...7, using: &random)
    var image = DenseArray<Float>(shape: shape, filledWith: 0)
    var labels = DenseArray<UInt8>(shape: shape, filledWith: 0)
    for z in 0..<shape[0] {
      for y in 0..<shape[1] {
        for x in 0..<shape[2] {
          let offset = (z * shape[1] + y) * shape[2] + x
          let distance = [(z, 0), (y, 1), (x, 2)].map { pow(Double($0) - center[$1], 2) }
          let isInside = distance.reduce(0, +) < radius * radius
          labels.scalars[offset] = isInside ? 1 : 0
          let noise = Float.random(in: -30...30, using: &random)
          image.scalars[offset] = 100 + (isInside ? 100 : 0) + noise
        }
      }
    }
    try NIfTIFile.write(
      Volume(voxels: image, geometry: geometry),
      to: task.appending(path: "images\(suffix)/\(name)_0000.nii.gz"))
    try NIfTIFile.write(
      LabelVolume(labels: labels, geometry: geometry),
      to: task.appending(path: "labels\(suffix)/\(name).nii.gz"))
  }
}
