import Arrays
import Foundation
import HostSystem
import Imaging
import JSON
import Plans
import TestSupport

/// A small raw task in its own workspace, for tests that then damage it.
struct RawTaskFixture {
  let workspace: Workspace
  let name = "Task501_Cubes"
  var description: DatasetDescription

  var rawTask: URL { get throws { try workspace.rawTask(name) } }

  /// Writes five cases of 12×20×16 voxels: noise with a cube of label 1 and a corner of label 2.
  init(channels: [Int: String] = [0: "MRI"], spacing: [Double] = [1, 1, 1]) throws {
    let root = try temporaryFolder()
    workspace = Workspace(
      rawDataBase: root.appending(path: "raw"), preprocessed: root.appending(path: "pp"),
      results: root.appending(path: "results"))
    description = DatasetDescription(
      name: "Cubes", channelNames: channels, labels: [0: "background", 1: "cube", 2: "corner"],
      training: (0..<5).map { .init(identifier: "case_\($0)") })
    for folder in ["imagesTr", "labelsTr", "imagesTs"] {
      try makeFolder(at: rawTask.appending(path: folder))
    }
    for (index, listed) in description.training.enumerated() {
      for file in description.imageFiles(of: listed.identifier, in: try rawTask) {
        try NIfTIFile.write(Self.image(seed: index, spacing: spacing), to: file)
      }
      try NIfTIFile.write(
        Self.labels(spacing: spacing), to: description.labelFile(of: listed, in: try rawTask))
    }
    try writeDescription()
  }

  func writeDescription() throws {
    try JSONFile.write(description, to: rawTask.appending(path: "dataset.json"))
  }

  /// The image file of a case's first channel.
  func image(_ index: Int, channel: Int = 0) throws -> URL {
    description.imageFiles(of: "case_\(index)", in: try rawTask)[channel]
  }

  /// The label file of a case.
  func label(_ index: Int) throws -> URL {
    description.labelFile(of: description.training[index], in: try rawTask)
  }

  static func image(
    seed: Int, shape: [Int] = [12, 20, 16], spacing: [Double] = [1, 1, 1],
    origin: [Double] = [0, 0, 0]
  ) -> Volume {
    var word = UInt32(truncatingIfNeeded: seed &* 7919 &+ 17)
    let voxels = (0..<shape.reduce(1, *)).map { _ in
      word = word &* 1_664_525 &+ 1_013_904_223
      return Float(word >> 16) / 256 + 1
    }
    return Volume(
      voxels: DenseArray(shape: shape, scalars: voxels),
      geometry: Geometry(spacing: spacing, origin: origin))
  }

  static func labels(
    shape: [Int] = [12, 20, 16], spacing: [Double] = [1, 1, 1], cube: UInt8 = 1
  ) -> LabelVolume {
    var labels = DenseArray<UInt8>(shape: shape, filledWith: 0)
    for z in 3..<9 { for y in 5..<15 { for x in 4..<12 { labels[z, y, x] = cube } } }
    labels[0, 0, 0] = 2
    return LabelVolume(labels: labels, geometry: Geometry(spacing: spacing))
  }
}
