import Arrays
import HostSystem
import TestSupport
import Testing

@testable import Torch

/// 32-bit convolutions use our own kernels; 64-bit ones use libtorch, which is the reference here.
@Suite struct ConvolutionTests {
  struct Shape: CustomTestStringConvertible {
    var input, weight, stride, padding: [Int]
    var isTransposed = false

    /// Whether our own kernels compute all passes on every processor; with AVX-512 the other
    /// shapes' outputs and gradients of inputs are oneDNN's, which guarantees nothing about the
    /// order of sums.
    var isOursEverywhere: Bool {
      let kernel = weight.dropFirst(2)
      if kernel.allSatisfy({ $0 == 1 }) { return true }
      return kernel.suffix(2).allSatisfy { $0 == 3 } && stride.allSatisfy { $0 == 1 }
        && weight.prefix(2).allSatisfy { $0 % 16 == 0 }
    }

    var testDescription: String {
      "\(input) \(isTransposed ? "transposed" : "") * \(weight), \(stride), \(padding)"
    }
  }

  /// Random shapes: kernels of 1 to 4, strides of 1 to 3, images down to one voxel.
  static let drawn: [Shape] = {
    var generator = StreamRandom(seed: 5, stream: 0)
    return (0..<120).map { _ in
      let rank = Int.random(in: 2...3, using: &generator)
      let isTransposed = Int.random(in: 0..<4, using: &generator) == 0
      let stride = (0..<rank).map { _ in Int.random(in: 1...3, using: &generator) }
      let kernel = stride.map {
        isTransposed && Bool.random(using: &generator)
          ? $0 : Int.random(in: 1...4, using: &generator)
      }
      let padding = kernel.map { isTransposed ? 0 : Int.random(in: 0..<$0, using: &generator) }
      let size = zip(kernel, padding).map {
        Int.random(in: max(1, $0 - 2 * $1)...14, using: &generator)
      }
      func channels() -> Int {
        Int.random(in: 1...(Bool.random(using: &generator) ? 5 : 70), using: &generator)
      }
      let (inputs, outputs) = (channels(), channels())
      return Shape(
        input: [Int.random(in: 1...3, using: &generator), inputs] + size,
        weight: (isTransposed ? [inputs, outputs] : [outputs, inputs]) + kernel, stride: stride,
        padding: padding, isTransposed: isTransposed)
    }
  }()

  /// Kernels of 3×3 for which Winograd's algorithm is used if there are enough voxels: odd sizes,
  /// all paddings, channels that do not fill a block.
  static let drawnForWinograd: [Shape] = {
    var generator = StreamRandom(seed: 6, stream: 0)
    return (0..<40).map { _ in
      let isFlat = Bool.random(using: &generator)
      let first = isFlat ? [] : [Int.random(in: 1...4, using: &generator)]
      let kernel = first + [3, 3]
      let padding = kernel.map { Int.random(in: 0..<$0, using: &generator) }
      let size =
        first.map { Int.random(in: $0...7, using: &generator) }
        + [Int.random(in: 9...23, using: &generator), Int.random(in: 9...23, using: &generator)]
      func channels() -> Int { 16 * Int.random(in: isFlat ? 2...6 : 1...5, using: &generator) }
      let (inputs, outputs) = (channels(), channels())
      return Shape(
        input: [Int.random(in: isFlat ? 2...5 : 1...3, using: &generator), inputs] + size,
        weight: [outputs, inputs] + kernel, stride: kernel.map { _ in 1 }, padding: padding)
    }
  }()

  private struct Result: Equatable {
    var output, input, weight, bias: [Double]
  }

  private func result(
    _ shape: Shape, _ type: ScalarType, format: Tensor.MemoryFormat = .channelsLast
  ) throws -> Result {
    func leaf(_ shape: [Int], seed: UInt64) throws -> Tensor {
      let tensor = try Tensor(normalWithShape: shape, standardDeviation: 1, seed: seed)
        .converted(to: type)
      try tensor.setRequiresGradient(true)
      return tensor
    }
    let (input, weight) = (try leaf(shape.input, seed: 1), try leaf(shape.weight, seed: 2))
    let bias = try leaf([shape.weight[shape.isTransposed ? 1 : 0]], seed: 3)
    let laidOut = try input.contiguous(format)
    let output =
      shape.isTransposed
      ? try transposedConvolution(laidOut, weight: weight, bias: bias, stride: shape.stride)
      : try convolution(
        laidOut, weight: weight, bias: bias, stride: shape.stride, padding: shape.padding)
    let factor = try Tensor(normalWithShape: output.shape, standardDeviation: 1, seed: 4)
    try output.backward(from: factor.converted(to: type))
    func values(_ tensor: Tensor?) throws -> [Double] {
      try #require(tensor).converted(to: .float64).array(of: Double.self).scalars
    }
    return Result(
      output: try values(output), input: try values(input.gradient()),
      weight: try values(weight.gradient()), bias: try values(bias.gradient()))
  }

  @Test(arguments: drawn + drawnForWinograd) func equalsDoublePrecision(shape: Shape) throws {
    let (ours, exact) = (try result(shape, .float32), try result(shape, .float64))
    for part in [\Result.output, \.input, \.weight, \.bias] {
      let expected = exact[keyPath: part]
      let largest = expected.map(abs).max() ?? 0
      // Sums of a few numbers may cancel.
      expectClose(ours[keyPath: part], expected, absolute: 1e-5 * max(largest, 10))
    }
  }

  /// Large enough for several parts of every pass, with channels that do not fill a block.
  @Test(arguments: [
    Shape(
      input: [2, 1, 20, 24, 18], weight: [32, 1, 3, 3, 3], stride: [1, 1, 1], padding: [1, 1, 1]),
    Shape(
      input: [2, 32, 20, 24, 18], weight: [40, 32, 3, 3, 3], stride: [2, 2, 1], padding: [1, 1, 1]),
    Shape(
      input: [2, 128, 6, 7, 5], weight: [130, 128, 3, 3, 3], stride: [1, 1, 1], padding: [1, 1, 1]),
    Shape(
      input: [2, 40, 10, 12, 9], weight: [40, 24, 2, 2, 2], stride: [2, 2, 2], padding: [0, 0, 0],
      isTransposed: true),
    Shape(input: [9, 32, 40, 36], weight: [3, 32, 1, 1], stride: [1, 1], padding: [0, 0]),
    Shape(
      input: [2, 48, 12, 17, 15], weight: [80, 48, 3, 3, 3], stride: [1, 1, 1], padding: [1, 1, 1]),
    Shape(input: [9, 96, 25, 36], weight: [48, 96, 3, 3], stride: [1, 1], padding: [1, 1]),
  ])
  func bitsDoNotDependOnTheNumberOfThreads(shape: Shape) throws {
    let before = try TorchRuntime.threads()
    defer { try? TorchRuntime.setThreads(before) }
    func result(threads: Int) throws -> Result {
      try TorchRuntime.setThreads(threads)
      return try self.result(shape, .float32)
    }
    let one = try result(threads: 1)
    for threads in [2, 3, 5] {
      let other = try result(threads: threads)
      #expect(one.weight == other.weight && one.bias == other.bias)
      if shape.isOursEverywhere || ProcessorFeatures.requestedLevel == "avx2" {
        #expect(one.output == other.output && one.input == other.input)
      }
    }
  }

  @Test func theOrderOfElementsDoesNotMatter() throws {
    let shape = Shape(
      input: [2, 5, 9, 8, 7], weight: [6, 5, 3, 3, 3], stride: [1, 2, 1], padding: [1, 1, 1])
    #expect(
      try result(shape, .float32, format: .channelsLast)
        == result(shape, .float32, format: .contiguous))
  }

  @Test func shapesThatDoNotFitAreErrors() throws {
    let input = try Tensor(normalWithShape: [1, 3, 8, 8], standardDeviation: 1, seed: 1)
    let weight = try Tensor(normalWithShape: [4, 2, 3, 3], standardDeviation: 1, seed: 1)
    #expect(throws: TorchError.self) {
      try convolution(input, weight: weight, stride: [1, 1], padding: [1, 1])
    }
    let large = try Tensor(normalWithShape: [4, 3, 9, 9], standardDeviation: 1, seed: 1)
    #expect(throws: TorchError.self) {
      try convolution(input, weight: large, stride: [1, 1], padding: [0, 0])
    }
  }
}
