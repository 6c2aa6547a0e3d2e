import Foundation
import Networks
import Torch

/// The convolutions of a U-Net one by one, each with inputs in the layout that suits it best.
struct Convolutions {
  private struct Layer {
    var input: Tensor
    var weight: Tensor
    var gradient: Tensor
    var stride: [Int]
    var isTransposed: Bool

    /// Multiplications and additions of one pass.
    var operations: Double {
      let voxels = (isTransposed ? input : gradient).shape
      let rows = voxels.enumerated().reduce(1.0) { $1.offset == 1 ? $0 : $0 * Double($1.element) }
      return 2 * rows * weight.shape.reduce(1.0) { $0 * Double($1) }
    }

    func output() throws -> Tensor {
      isTransposed
        ? try transposedConvolution(input, weight: weight, stride: stride)
        : try convolution(
          input, weight: weight, stride: stride, padding: weight.shape.dropFirst(2).map { $0 / 2 })
    }
  }

  private var layers: [Layer] = []
  private let batch: Int
  private let scalarType: ScalarType

  init(
    of configuration: UNetConfiguration, batch: Int, patch: [Int], scalarType: ScalarType
  ) throws {
    self.batch = batch
    self.scalarType = scalarType
    let depths = configuration.poolStrides.count
    var extent = patch
    var (extents, features) = ([extent], [configuration.features(atDepth: 0)])
    var channels = configuration.inputChannels
    for depth in 0...depths {
      let width = configuration.features(atDepth: depth)
      for number in 0..<configuration.convolutionsPerStage {
        let isFirst = depth > 0 && number == 0
        try add(
          from: channels, to: width, extent: extent, kernel: configuration.kernels[depth],
          stride: isFirst ? configuration.poolStrides[depth - 1] : nil)
        if isFirst { extent = zip(extent, configuration.poolStrides[depth - 1]).map { $0 / $1 } }
        channels = width
      }
      if depth > 0 {
        extents.append(extent)
        features.append(width)
      }
    }
    for depth in (0..<depths).reversed() {
      try add(
        from: features[depth + 1], to: features[depth], extent: extents[depth + 1],
        kernel: configuration.poolStrides[depth], stride: configuration.poolStrides[depth],
        isTransposed: true)
      for number in 0..<configuration.convolutionsPerStage {
        try add(
          from: number == 0 ? 2 * features[depth] : features[depth], to: features[depth],
          extent: extents[depth], kernel: configuration.kernels[depth + 1])
      }
      // The deepest output has no weight in the loss: its head has no backward pass.
      if depth < depths - 1 {
        try add(
          from: features[depth], to: configuration.outputChannels, extent: extents[depth],
          kernel: patch.map { _ in 1 })
      }
    }
  }

  private mutating func add(
    from inputs: Int, to outputs: Int, extent: [Int], kernel: [Int], stride: [Int]? = nil,
    isTransposed: Bool = false
  ) throws {
    func values(_ shape: [Int]) throws -> Tensor {
      try Tensor(normalWithShape: shape, standardDeviation: 0.1, seed: UInt64(layers.count))
        .laidOutForConvolutions().converted(to: scalarType)
    }
    let input = try values([batch, inputs] + extent)
    // Nobody needs the gradient of the image.
    if !layers.isEmpty { try input.setRequiresGradient(true) }
    let weight = try values(
      (isTransposed ? [inputs, outputs] : [outputs, inputs]) + kernel)
    try weight.setRequiresGradient(true)
    var layer = Layer(
      input: input, weight: weight, gradient: input, stride: stride ?? extent.map { _ in 1 },
      isTransposed: isTransposed)
    layer.gradient = try values(try withoutGradients { try layer.output().shape })
    layers.append(layer)
  }

  /// Prints the speed of each pass of each of them, and its share of the processor's peak.
  ///
  /// Voxels outside the image count as if they were multiplied, as usual.
  func printTable(repetitions: Int) throws {
    let peak = try multiplyAddPeak()
    print("peak \(format(peak)) GFLOP/s")
    print("GFLOP/s forward, of the input's gradient, of the weight's gradient:")
    var (work, time) = (0.0, 0.0)
    for (number, layer) in layers.enumerated() {
      let rates = try Pass.allCases.map { pass -> Double? in
        guard pass != .inputGradient || number > 0 else { return nil }
        let seconds = try (0..<repetitions).map { _ in try self.seconds(pass, of: layer) }.sorted()
        let fastest = seconds[seconds.count / 2]
        (work, time) = (work + layer.operations, time + fastest)
        return layer.operations / fastest / 1e9
      }
      let cells = rates.map { rate in
        rate.map { "\(format($0)) (\(format(100 * $0 / peak)) %)" } ?? "-"
      }
      let sign = layer.isTransposed ? "transposed *" : "*"
      let name = "\(layer.input.shape) \(sign) \(layer.weight.shape) / \(layer.stride)"
      print(name.padded(to: 64) + cells.map { $0.padded(to: 16) }.joined())
    }
    let rate = work / time / 1e9
    print(
      "all: \(String(format: "%.3f", time)) s, \(format(rate)) GFLOP/s, \(format(100 * rate / peak)) %"
    )
  }

  private enum Pass: CaseIterable { case forward, inputGradient, weightGradient }

  private func seconds(_ pass: Pass, of layer: Layer) throws -> Double {
    try layer.input.clearGradient()
    try layer.weight.clearGradient()
    let clock = ContinuousClock()
    switch pass {
    case .forward:
      return try clock.measure { try withoutGradients { _ = try layer.output() } } / .seconds(1)
    case .inputGradient, .weightGradient:
      try layer.input.setRequiresGradient(pass == .inputGradient)
      try layer.weight.setRequiresGradient(pass == .weightGradient)
      defer {
        try? layer.input.setRequiresGradient(true)
        try? layer.weight.setRequiresGradient(true)
      }
      let output = try layer.output()
      return try clock.measure { try output.backward(from: layer.gradient) } / .seconds(1)
    }
  }

  private func format(_ value: Double) -> String { String(format: "%.0f", value) }

  /// The time of all of them, forward and backward.
  func seconds() throws -> Double {
    var total = 0.0
    for layer in layers {
      try layer.input.clearGradient()
      try layer.weight.clearGradient()
      let start = ContinuousClock.now
      try layer.output().backward(from: layer.gradient)
      total += (ContinuousClock.now - start) / .seconds(1)
    }
    return total
  }
}
