import Arrays
import Foundation
import TestSupport
import Testing
import Torch

@testable import Networks

/// A tiny network of the Python nnU-Net with its numbers; see `Fixtures/networks/convert.py`.
struct ReferenceNetwork {
  let file: SafetensorsFile

  init(_ name: String) throws {
    file = try SafetensorsFile(contentsOf: fixtureURL("networks/\(name).safetensors"))
  }

  func metadata<Value: Decodable>(_ key: String) throws -> Value {
    try JSONDecoder().decode(Value.self, from: Data(try #require(file.metadata[key]).utf8))
  }

  func arrays(below prefix: String) -> [NamedArray] {
    file.arrays.filter { $0.name.hasPrefix(prefix + "/") }
      .map { NamedArray(name: String($0.name.dropFirst(prefix.count + 1)), array: $0.array) }
  }

  func array(_ name: String) throws -> DenseArray<Float> {
    try #require(file.arrays.first { $0.name == name }).array
  }

  func configuration() throws -> UNetConfiguration {
    let strides: [[Int]] = try metadata("pool_op_kernel_sizes")
    return UNetConfiguration(
      inputChannels: try metadata("input_channels"),
      outputChannels: try metadata("num_classes"),
      baseFeatures: try metadata("base_num_features"),
      maximumFeatures: strides[0].count == 3 ? 320 : 480, poolStrides: strides,
      kernels: try metadata("conv_kernel_sizes"),
      convolutionsPerStage: try metadata("conv_per_stage"))
  }

  /// Compares outputs, and the gradients of their sums weighted with the targets.
  func expectSameOutputsAndGradients(of network: TrainableNetwork) throws {
    let keys: [String] = try metadata("state_keys")
    #expect(network.parameters.state.map(\.name) == keys)
    let outputs = try network.network(Tensor(try array("input")))
    let expected = arrays(below: "output")
    #expect(outputs.count == expected.count)
    var total: Tensor?
    for (level, output) in outputs.enumerated() {
      let values: DenseArray<Float> = try output.array()
      #expect(values.shape == expected[level].array.shape)
      expectClose(values.scalars, expected[level].array.scalars, absolute: 1e-4)
      let term = try (output * Tensor(try array("target/\(level)"))).sum()
      total = if let sum = total { try sum + term } else { term }
    }
    try #require(total).backward()
    for (parameter, tensor) in zip(network.parameters.names, network.parameters.tensors) {
      let gradient: DenseArray<Float> = try #require(try tensor.gradient()).array()
      let wanted = try array("gradient/" + parameter).scalars
      let size = Double(wanted.map { abs($0) }.max() ?? 0)
      expectClose(gradient.scalars, wanted, absolute: 2e-4 * max(size, 1), "\(parameter)")
    }
  }
}
