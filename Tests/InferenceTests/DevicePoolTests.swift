import Arrays
import Foundation
import HostSystem
import Synchronization
import TestSupport
import Testing
import Torch

@testable import Inference

/// Networks on several devices give the same results as on one, bit for bit.
@Suite struct DevicePoolTests {
  /// The first device is the slowest, so that results come out of order.
  @Test(arguments: [2, 3, 5], [[4, 6, 4], [13, 14]])
  func sumsDoNotDependOnWhichDeviceIsFaster(devices: Int, patch: [Int]) throws {
    var random = StreamRandom(seed: 3, stream: 1)
    let shape = [2, 12, 13, 14]
    let image = DenseArray<Float>(
      shape: shape,
      scalars: (0..<shape.reduce(1, *)).map { _ in Float.random(in: -1...1, using: &random) })
    let networks = [SlowPredictor(scale: 0.3), SlowPredictor(scale: 1.7)]
    let predictor = VolumePredictor(patchSize: patch, stepSize: 0.4, tilesPerBatch: 3)
    let alone = try predictor.probabilities(of: image, using: networks)
    let pool = DevicePool(
      (0..<devices).map { device in
        networks.map { SlowPredictor(scale: $0.scale, delay: device == 0 ? 2000 : 0) }
      })
    #expect(try predictor.probabilities(of: image, using: pool.predictors) == alone)
  }

  @Test func noMoreBatchesAreUnderWayThanDevicesAndOne() throws {
    let counter = Counter()
    let pool = DevicePool(
      (0..<3).map { _ in [SlowPredictor(scale: 1, delay: 500, counter: counter)] })
    let image = DenseArray<Float>(shape: [1, 40, 8, 8], filledWith: 1)
    _ = try VolumePredictor(patchSize: [4, 8, 8], tilesPerBatch: 1)
      .probabilities(of: image, using: pool.predictors)
    #expect(2...3 ~= counter.most, "devices work side by side")
    #expect(pool.predictors[0].batchesUnderWay == 4)
  }

  @Test func anErrorOfADeviceIsThatOfTheImage() throws {
    let pool = DevicePool([[FailingPredictor()], [FailingPredictor()]])
    let image = DenseArray<Float>(shape: [1, 40, 8, 8], filledWith: 1)
    for _ in 0..<2 {
      #expect(throws: InferenceError.notANumber) {
        try VolumePredictor(patchSize: [4, 8, 8], tilesPerBatch: 1)
          .probabilities(of: image, using: pool.predictors)
      }
    }
  }

  @Test func listsOfDevices() throws {
    #expect(try DeviceList.devices(named: "cpu,cpu") == [.cpu, .cpu])
    if try Device.present() == [.cpu] {
      #expect(try DeviceList.devices(named: "3") == [.cpu, .cpu, .cpu])
      #expect(try DeviceList.device(ofLocalRank: 5) == .cpu)
    }
    #expect(throws: DeviceListError.noDevice("0")) { try DeviceList.devices(named: "0") }
    for count in [1025, 1 << 40, .max] {
      #expect(throws: DeviceListError.tooMany(asked: count, most: 1024)) {
        try DeviceList.devices(named: String(count))
      }
    }
    for name in ["", "cpu,", "gpu", "cpu,tpu:1", "cuda:99"] {
      #expect(throws: TorchError.self, "\(name)") { try DeviceList.devices(named: name) }
    }
  }
}

/// The largest number of simultaneous calls.
private final class Counter: Sendable {
  private let state = Mutex((now: 0, most: 0))

  var most: Int { state.withLock { $0.most } }

  func enter() {
    state.withLock {
      $0.now += 1
      $0.most = max($0.most, $0.now)
    }
  }

  func leave() { state.withLock { $0.now -= 1 } }
}

/// Two labels that depend only on the voxel, after a delay.
private struct SlowPredictor: TilePredictor {
  var scale: Float
  var delay: UInt32 = 0
  var counter: Counter?
  var labelCount: Int { 2 }

  func probabilities(ofTiles tiles: DenseArray<Float>) throws -> DenseArray<Float> {
    counter?.enter()
    defer { counter?.leave() }
    if delay > 0 { usleep(delay) }
    let voxels = tiles.shape.dropFirst(2).reduce(1, *)
    var scalars: [Float] = []
    for tile in 0..<tiles.shape[0] {
      let first = tile * tiles.shape[1] * voxels
      let values = tiles.scalars[first..<first + voxels].map { $0 * scale }
      scalars += values + values.map { 1 - $0 }
    }
    return DenseArray(shape: [tiles.shape[0], 2] + tiles.shape.dropFirst(2), scalars: scalars)
  }
}

private struct FailingPredictor: TilePredictor {
  var labelCount: Int { 2 }
  func probabilities(ofTiles tiles: DenseArray<Float>) throws -> DenseArray<Float> {
    throw InferenceError.notANumber
  }
}
