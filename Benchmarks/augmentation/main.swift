import Arrays
import Augmentation
import Foundation

// The number of batches that one thread augments per second: Hippocampus 3d_fullres, 7 patches of
// 40×56×40. `run.sh` measures batchgenerators for comparison.

let patch = [40, 56, 40]
let size = [36, 50, 35]
let batch = 7
let seconds = CommandLine.arguments.dropFirst().first.flatMap(Double.init) ?? 20

/// A prepared case: an image with noise and two labels, the labels last.
func makeCase() -> DenseArray<Float> {
  var generator = StreamRandom(seed: 3)
  let voxels = size.reduce(1, *)
  var scalars = (0..<voxels).map { _ in Float(generator.gaussian(mean: 0, standardDeviation: 1)) }
  for z in 0..<size[0] {
    for y in 0..<size[1] {
      for x in 0..<size[2] {
        let isInside = abs(z - 18) + abs(y - 25) + abs(x - 17) < 15
        scalars.append(isInside ? (y < 25 ? 1 : 2) : 0)
      }
    }
  }
  return DenseArray(shape: [2] + size, scalars: scalars)
}

let prepared = makeCase()
let locations = ForegroundVoxels(
  rows: DenseArray(shape: [2, 4], scalars: [Int32]([1, 18, 20, 17, 2, 18, 28, 17])))
let variant = CommandLine.arguments.dropFirst(2).first ?? "default"
var recipe = AugmentationRecipe.nnUNetV2(
  patchSize: patch, usesDummy2D: false, channelsUsingMask: [false])
switch variant {
case "insaneDA": recipe.changeToInsane()
case "DA5": recipe.changeToDA5()
default: precondition(variant == "default", "default, insaneDA or DA5, not \(variant)")
}
let pipeline = PatchPipeline(recipe: recipe, batchSize: batch)
let supervision = DeepSupervision(poolingFactors: [[2, 2, 2], [2, 2, 2], [2, 2, 2]])

func makeBatch(_ number: Int) throws -> Int {
  var checksum = 0
  for element in 0..<batch {
    var generator = PatchPipeline.generator(
      seed: 1, purpose: .training, epoch: 0, batch: number, element: element)
    let sample = try prepared.scalars.withUnsafeBufferPointer { scalars in
      try pipeline.makePatch(
        element: element, from: PatchReader(scalars: scalars, shape: prepared.shape),
        locations: locations, using: &generator
      ).sample
    }
    checksum += supervision.targets(sample.labels).count + sample.data.scalars.count
  }
  return checksum
}

for number in 0..<5 { _ = try makeBatch(number) }
let clock = ContinuousClock()
let start = clock.now
var (made, checksum) = (0, 0)
while clock.now - start < .seconds(seconds) {
  checksum += try makeBatch(made + 5)
  made += 1
}
let elapsed = (clock.now - start) / .seconds(1)
print(
  "swift, \(variant): \(made) batches in \(elapsed) s, \(Double(made) / elapsed) batches/s (\(checksum))"
)
