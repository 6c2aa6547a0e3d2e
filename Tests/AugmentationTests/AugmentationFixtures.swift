import Arrays
import Foundation
import TestSupport

@testable import Augmentation

/// Numbers of the reference on larger arrays than the fixtures.
let numericsFolder = "golden/numerics"

/// The parameters that `generate.py` used.
struct Manifest: Decodable {
  struct Spatial: Decodable {
    struct Case: Decodable {
      let angles: [Double]?
      let scale: Double?
    }
    let patch: [Int]
    let slice: Int?
    let cases: [Case]
  }
  struct Dummy2D: Decodable {
    let patch: [Int]
    let slices: [Int]
    let angles: [Double]
    let scale: Double
  }
  struct Loader: Decodable {
    struct Forced: Decodable {
      let label: Int
      let voxel: [Int]
      let sum: Double?
      let absolute: Double?
      let labels: Double?
    }
    let initial: [Int]
    let final: [Int]
    let bounds: [[Int]]
    let slice: Int?
  }
  struct Loader3D: Decodable {
    let initial: [Int]
    let final: [Int]
    let bounds: [[Int]]
    let forced: [Loader.Forced]
  }
  struct Loader2D: Decodable {
    let initial: [Int]
    let final: [Int]
    let bounds: [[Int]]
    let slice: Int
    let forced: Loader.Forced
  }
  struct Initial: Decodable {
    let patch: [Int]
    let degrees: Double
    let initial: [Int]
  }
  let spatial3d: Spatial
  let spatial2d: Spatial
  let dummy2d: Dummy2D
  let loader3d: [Loader3D]
  let loader2d: Loader2D
  let forces: [String: [Bool]]
  let initial: [Initial]

  static func read() throws -> Manifest {
    try JSONDecoder().decode(
      Manifest.self, from: Data(contentsOf: fixtureURL("augmentation/manifest.json")))
  }
}

func fixtureData(_ name: String) throws -> DenseArray<Float> {
  try NPYFile.read(fixtureURL("augmentation/\(name).npy"), as: Float.self)
}

func fixtureLabels(_ name: String) throws -> DenseArray<Int16> {
  try NPYFile.read(fixtureURL("augmentation/\(name).npy"), as: Int16.self)
}

/// The image with two channels that the fixtures were made from.
func fixtureSample() throws -> AugmentationSample {
  AugmentationSample(data: try fixtureData("data"), labels: try fixtureLabels("labels"))
}

/// One slice of it.
func fixtureSlice(_ slice: Int) throws -> AugmentationSample {
  let sample = try fixtureSample()
  return AugmentationSample(
    data: .stack((0..<sample.channels).map { sample.data.slice($0).slice(slice) }),
    labels: .stack([sample.labels.slice(0).slice(slice)]))
}

/// The sample after one transform with given parameters.
func applying<Transform: RandomTransform>(
  _ transform: Transform, _ parameters: Transform.Parameters
) throws -> AugmentationSample {
  var sample = try fixtureSample()
  transform.apply(parameters, to: &sample)
  return sample
}
