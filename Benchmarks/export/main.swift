// Times the export of a synthetic case of 200×512×512 voxels from probabilities at 1.5 mm.
//
// Usage: export-benchmark OUTPUTS SPACING_Z [LABELS.npy]
// Prints the seconds from the first slab to the finished segmentation, and the peak memory. With a
// third argument the labels are written, for comparison with nnU-Net v1 (rival.py).
import Arrays
import Foundation
import Imaging
import Inference
import Plans

/// The values that both programs use for a voxel: smooth blobs, so that every label occurs.
func score(_ output: Int, _ z: Int, _ y: Int, _ x: Int) -> Float {
  let phase = Float(output) * 0.7
  return exp(
    2 * sin(Float(z) * 0.031 + phase) + 2 * cos(Float(y) * 0.027 - phase)
      + 2 * sin(Float(x) * 0.023 + 2 * phase))
}

let outputs = Int(CommandLine.arguments.dropFirst().first ?? "") ?? 4
let spacingZ = Double(CommandLine.arguments.dropFirst(2).first ?? "") ?? 2.5
let original = [200, 512, 512]
let spacing = [spacingZ, 0.8, 0.8]
let prepared = zip(original, spacing).map { Int((Double($0) * $1 / 1.5).rounded(.toNearestOrEven)) }
var properties = CaseProperties(
  originalSize: original, originalSpacing: spacing, imageFiles: [], labelFile: nil,
  itkOrigin: [0, 0, 0], itkSpacing: spacing.reversed(),
  itkDirection: [1, 0, 0, 0, 1, 0, 0, 0, 1], cropBox: original.map { [0, $0] }, labels: [],
  sizeAfterCropping: original)
properties.spacingAfterResampling = [1.5, 1.5, 1.5]

let export = SegmentationExport(
  transposeBackward: [0, 1, 2], threads: ProcessInfo.processInfo.activeProcessorCount)
var assembly = export.assembly(of: properties, outputs: outputs, preparedSize: prepared)
let clock = ContinuousClock()
var elapsed = Duration.zero
// Slabs are made like those of the sliding window; making them is not timed.
let depth = max(1, (32 << 20) / (outputs * prepared[1] * prepared[2] * 4))
for first in stride(from: 0, to: prepared[0], by: depth) {
  let count = min(depth, prepared[0] - first)
  var slab = DenseArray<Float>(
    shape: [outputs, count, prepared[1], prepared[2]], filledWith: 0)
  fill(&slab, from: first)
  elapsed += clock.measure { assembly.append(slab) }
}
var labels = DenseArray<UInt8>(shape: [0], scalars: [])
elapsed += clock.measure { labels = assembly.finish().labels }
let peak = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8))?
  .split(separator: "\n").first { $0.hasPrefix("VmHWM") }
print("\(outputs) outputs, \(prepared) to \(original): \(elapsed / .seconds(1)) s, \(peak ?? "")")
if CommandLine.arguments.count > 3 {
  try NPYFile.write(labels, to: URL(fileURLWithPath: CommandLine.arguments[3]))
}

/// Fills a slab with probabilities that sum to 1.
func fill(_ slab: inout DenseArray<Float>, from first: Int) {
  let (count, height, width) = (slab.shape[1], slab.shape[2], slab.shape[3])
  let step = count * height * width
  // The score is a product of three factors, one per axis.
  let alongZ = (0..<outputs).map { o in
    (0..<count).map { score(o, first + $0, 0, 0) / score(o, 0, 0, 0) }
  }
  let alongY = (0..<outputs).map { o in
    (0..<height).map { score(o, 0, $0, 0) / score(o, 0, 0, 0) }
  }
  let alongX = (0..<outputs).map { o in (0..<width).map { score(o, 0, 0, $0) } }
  slab.scalars.withUnsafeMutableBufferPointer { values in
    for z in 0..<count {
      for y in 0..<height {
        for x in 0..<width {
          let voxel = (z * height + y) * width + x
          var sum: Float = 0
          for output in 0..<outputs {
            let value = alongZ[output][z] * alongY[output][y] * alongX[output][x]
            values[output * step + voxel] = value
            sum += value
          }
          for output in 0..<outputs { values[output * step + voxel] /= sum }
        }
      }
    }
  }
}
