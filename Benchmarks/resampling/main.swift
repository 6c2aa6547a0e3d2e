import Arrays
import Foundation
import HostSystem
import Resampling

// Seconds and peak memory of resampling a CT of 200×512×512 voxels, spacing 2.5×0.8×0.8 mm, to 1.5
// mm. `run.sh` measures nnU-Net v1 for comparison; `growth` prints the time against the number of
// voxels.

let threads = ProcessInfo.processInfo.activeProcessorCount
let spacing = [2.5, 0.8, 0.8]
let target = [1.5, 1.5, 1.5]

/// Smooth tissue with noise, in Hounsfield units.
func makeImage(_ shape: [Int]) -> DenseArray<Float> {
  DenseArray(shape: [1] + shape) { voxels in
    nonisolated(unsafe) let voxels = voxels
    let plane = shape[1] * shape[2]
    forEachInParallel(count: shape[0], threads: threads) { z in
      var word = UInt32(truncatingIfNeeded: z &* 7919 &+ 17)
      for index in 0..<plane {
        word = word &* 1_664_525 &+ 1_013_904_223
        let (y, x) = (index / shape[2], index % shape[2])
        let tissue = Float((z / 9 + y / 31 + x / 47) % 7) * 150 - 500
        voxels[z * plane + index] = tissue + Float(word >> 16) / 600
      }
    }
  }
}

/// Three organs in a background.
func makeLabels(_ shape: [Int]) -> DenseArray<Int16> {
  DenseArray(shape: [1] + shape) { voxels in
    for z in 0..<shape[0] {
      for y in 0..<shape[1] {
        for x in 0..<shape[2] {
          let (dz, dy, dx) = (z - shape[0] / 2, (y - shape[1] / 2) / 2, (x - shape[2] / 2) / 2)
          let distance = dz * dz + dy * dy + dx * dx
          let label: Int16 = distance < 1600 ? 3 : distance < 4900 ? 2 : distance < 8100 ? 1 : 0
          voxels[(z * shape[1] + y) * shape[2] + x] = label
        }
      }
    }
  }
}

/// The shortest of several runs, seconds.
func best(of runs: Int, _ body: () throws -> Void) rethrows -> Double {
  var best = Double.infinity
  for _ in 0..<runs {
    let start = DispatchTime.now().uptimeNanoseconds
    try body()
    best = min(best, Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9)
  }
  return best
}

/// The peak memory of this process, MB.
func peakMemory() -> Int {
  var usage = rusage()
  getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
  return usage.ru_maxrss / 1024
}

/// Bytes per second that all threads together read and write when they copy memory.
func copyBandwidth() -> Double {
  let size = 256 << 20
  let source = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 64)
  let copy = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 64)
  memset(source, 1, size)
  memset(copy, 2, size)
  nonisolated(unsafe) let (from, to) = (source, copy)
  let part = size / threads
  let seconds = best(of: 5) {
    forEachInParallel(count: threads, threads: threads) { thread in
      memcpy(to + thread * part, from + thread * part, part)
    }
  }
  return 2 * Double(size) / seconds
}

func measure(_ what: String, shape: [Int], runs: Int) throws -> Double {
  switch what {
  case "data-separate", "data-3d":
    let image = makeImage(shape)
    let rule = ResamplingRule(order: .cubic, separatesThickAxis: what == "data-3d" ? false : nil)
    return try best(of: runs) {
      _ = try resampleData(
        image, originalSpacing: spacing, targetSpacing: target, rule: rule, threads: threads)
    }
  case "labels-separate", "labels-3d":
    let labels = makeLabels(shape)
    let rule = ResamplingRule(order: .linear, separatesThickAxis: what == "labels-3d" ? false : nil)
    return try best(of: runs) {
      _ = try resampleLabels(
        labels, originalSpacing: spacing, targetSpacing: target, rule: rule, threads: threads)
    }
  default: fatalError("unknown measurement \(what)")
  }
}

func text(_ number: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", number) }

switch CommandLine.arguments.dropFirst().first ?? "bandwidth" {
case "bandwidth": print("copying memory: \(text(copyBandwidth() / 1e9, 1)) GB/s")
case "growth":
  for slices in [25, 50, 100, 200, 400] {
    let seconds = try ["data-separate", "data-3d", "labels-separate", "labels-3d"].map {
      try measure($0, shape: [slices, 512, 512], runs: 7)
    }
    print(([Double(slices * 512 * 512)] + seconds).map { text($0, 4) }.joined(separator: ","))
  }
case let what:
  let shape = [200, 512, 512]
  let seconds = try measure(what, shape: shape, runs: 3)
  let output = try AnisotropyRule.resampledShape(shape, spacing: spacing, target: target)
  let width = what.hasPrefix("labels") ? 2 : 4
  let bytes = Double(width * (shape.reduce(1, *) + output.reduce(1, *)))
  print(
    "\(what): \(text(seconds, 3)) s, \(peakMemory()) MB; input and output once:"
      + " \(text(bytes / seconds / 1e9, 2)) GB/s")
}
