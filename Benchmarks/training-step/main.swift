// Times training steps (forward, loss, backward, clipping, SGD) on random data at the sizes of the
// Hippocampus task: training-step-benchmark 3d|2d [bfloat16|float32] [STEPS] [layers] and, for
// comparison, only the network's convolutions, forward and backward: the limit if everything else
// cost nothing. With `layers`, instead of a step: a table of the passes of each convolution in
// 32-bit floats, and their share of the processor's fused multiplications and additions.
import Arrays
import Foundation
import Networks
import Torch
import Training

let arguments = CommandLine.arguments.dropFirst()
let is3D = arguments.first != "2d"
let precision =
  arguments.contains("float32")
  ? Precision.float32 : arguments.contains("bfloat16") ? .bfloat16 : .mixed(on: .cpu)
let steps = arguments.compactMap { Int($0) }.first ?? 5
let patch = is3D ? [40, 56, 40] : [56, 40]
let batch = is3D ? 7 : 281
let rank = patch.count
let pools = 3
let configuration = UNetConfiguration(
  inputChannels: 1, outputChannels: 3, baseFeatures: 32, maximumFeatures: is3D ? 320 : 480,
  poolStrides: Array(repeating: Array(repeating: 2, count: rank), count: pools),
  kernels: Array(repeating: Array(repeating: 3, count: rank), count: pools + 1))

func seconds(_ body: () throws -> Void) rethrows -> Double {
  let start = ContinuousClock.now
  try body()
  return (ContinuousClock.now - start) / .seconds(1)
}

func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

// As in the program.
try TorchRuntime.keepFreedMemory()
if arguments.contains("layers") {
  let convolutions = try Convolutions(
    of: configuration, batch: batch, patch: patch, scalarType: .float32)
  try convolutions.printTable(repetitions: steps)
  exit(0)
}
print("nnunet \(arguments.first ?? "3d") in \(precision)")
let trainable = try TrainableNetwork(configuration, seed: 1, on: .cpu)
let parameters = trainable.parameters
let loss = DiceAndCrossEntropy(dice: SoftDice(sumsOverBatch: !is3D))
let supervision = DeeplySupervisedLoss(levels: pools)
var optimizer = StochasticGradientDescent(
  options: SGDOptions(learningRate: 0.01, momentum: 0.99, weightDecay: 3e-5, usesNesterov: true),
  parameters: parameters)
let image = try Tensor(normalWithShape: [batch, 1] + patch, standardDeviation: 1, seed: 2)
let targets = try (0..<pools).map { level in
  try Tensor(shape: [batch] + patch.map { $0 >> level }, filledWith: 1, scalarType: .int64)
}

var parts: [String: [Double]] = [:]
for _ in 0..<(steps + 1) {
  for tensor in parameters.tensors { try tensor.clearGradient() }
  var outputs: [Tensor] = []
  var value = image
  let forward = try seconds {
    outputs = try withAutocast(to: precision.scalarType, on: .cpu) {
      try trainable.network(image)
    }.map { try $0.converted(to: .float32) }
  }
  let lossTime = try seconds { value = try supervision(loss, outputs: outputs, targets: targets) }
  let backward = try seconds { try value.backward() }
  let update = try seconds {
    _ = try clipGradients(of: parameters.tensors, toNorm: 12)
    try optimizer.step(parameters)
  }
  parts["forward", default: []].append(forward)
  parts["loss", default: []].append(lossTime)
  parts["backward", default: []].append(backward)
  parts["update", default: []].append(update)
  parts["step", default: []].append(forward + lossTime + backward + update)
}
let convolutions = try Convolutions(
  of: configuration, batch: batch, patch: patch, scalarType: precision.scalarType)
let alone = median(Array(try (0...steps).map { _ in try convolutions.seconds() }.dropFirst()))
for name in ["forward", "loss", "backward", "update", "step"] {
  // The first step prepares kernels and memory.
  let time = median(Array(parts[name, default: []].dropFirst()))
  print("\(name) \(String(format: "%.3f", time)) s")
}
let step = median(Array(parts["step", default: []].dropFirst()))
print("convolutions alone \(String(format: "%.3f", alone)) s")
print("share of the step \(String(format: "%.0f", 100 * alone / step)) %")
