import Arrays
import TestSupport
import Testing

@testable import Torch

/// The fused kernel reads channels-last elements; libtorch's own operations take the C order.
@Suite struct FusedNormalizationTests {
  private struct Result {
    var output, inputGradient, weightGradient, biasGradient: [Float]
  }

  private func run(
    shape: [Int], offset: Double, rounding: ScalarType = .float32, type: ScalarType,
    format: Tensor.MemoryFormat
  ) throws -> Result {
    let leaf = try Tensor(
      normalWithShape: shape, mean: offset, standardDeviation: 2, seed: 1)
    let weight = try Tensor(normalWithShape: [shape[1]], mean: 1, standardDeviation: 0.5, seed: 2)
    let bias = try Tensor(normalWithShape: [shape[1]], standardDeviation: 0.5, seed: 3)
    let factor = try Tensor(normalWithShape: shape, standardDeviation: 1, seed: 4)
    // Both ways get the same rounded elements.
    try leaf.assign(leaf.converted(to: rounding))
    for tensor in [leaf, weight, bias] { try tensor.setRequiresGradient(true) }
    let output = try instanceNormLeakyReLU(
      leaf.contiguous(format).converted(to: type), weight: weight, bias: bias, epsilon: 1e-5,
      slope: 0.01)
    #expect(try output.scalarType == type)
    try (output.converted(to: .float32) * factor).sum().backward()
    func gradient(_ tensor: Tensor) throws -> [Float] {
      try #require(try tensor.gradient()).array(of: Float.self).scalars
    }
    return Result(
      output: try output.array(of: Float.self).scalars, inputGradient: try gradient(leaf),
      weightGradient: try gradient(weight), biasGradient: try gradient(bias))
  }

  private func compare(_ shape: [Int], offset: Double, type: ScalarType, tolerance: Double) throws {
    let fused = try run(
      shape: shape, offset: offset, rounding: type, type: type, format: .channelsLast)
    let plain = try run(
      shape: shape, offset: offset, rounding: type, type: .float32, format: .contiguous)
    let rows = Double(shape.reduce(1, *) / shape[1])
    expectClose(fused.output, plain.output, absolute: tolerance)
    expectClose(fused.inputGradient, plain.inputGradient, absolute: tolerance)
    // Sums over all voxels: errors grow with the root of their number.
    let sums = tolerance * rows.squareRoot()
    expectClose(fused.weightGradient, plain.weightGradient, absolute: sums)
    expectClose(fused.biasGradient, plain.biasGradient, absolute: sums)
  }

  @Test(arguments: [[2, 5, 7, 9], [3, 32, 6, 5, 7], [2, 70, 12, 10, 11]])
  func equalsTheUnfusedOperationsInFloat32(shape: [Int]) throws {
    try compare(shape, offset: 0.3, type: .float32, tolerance: 1e-5)
  }

  @Test func isExactFarFromZero() throws {
    // Inputs have four digits after the point here. Gradients are not compared: where the output is
    // almost zero, its sign decides about them.
    let shape = [2, 33, 40, 41]
    let fused = try run(shape: shape, offset: 1000, type: .float32, format: .channelsLast)
    let plain = try run(shape: shape, offset: 1000, type: .float32, format: .contiguous)
    expectClose(fused.output, plain.output, absolute: 2e-4)
  }

  /// Elements have eight bits of precision; up to 16 in size here, half a unit is 1/32.
  @Test func equalsTheUnfusedOperationsInBFloat16() throws {
    try compare([3, 32, 6, 9, 7], offset: 0.3, type: .bfloat16, tolerance: 0.04)
  }

  @Test func resultsDoNotDependOnTheNumberOfThreads() throws {
    let before = try TorchRuntime.threads()
    defer { try? TorchRuntime.setThreads(before) }
    func outputs(threads: Int) throws -> Result {
      try TorchRuntime.setThreads(threads)
      return try run(
        shape: [3, 40, 50, 60], offset: 0, type: .bfloat16, format: .channelsLast)
    }
    let (one, two) = (try outputs(threads: 1), try outputs(threads: 2))
    #expect(one.output == two.output && one.inputGradient == two.inputGradient)
    #expect(one.weightGradient == two.weightGradient)
  }
}
