import NNUNet

/// nnU-Net's block, followed by a weight for every channel that depends on the means of all
/// channels.
///
/// Source: Hu et al., "Squeeze-and-excitation networks", CVPR 2018, with a reduction to a quarter.
struct SqueezeExcitationBlock: UNetBlock {
  private let block: ConvolutionBlock
  private let squeeze: Projection
  private let excite: Projection

  /// A 1×1 convolution with a bias.
  private struct Projection {
    var weight: Tensor
    var bias: Tensor

    init(
      from inputs: Int, to outputs: Int, rank: Int, in scope: ParameterScope
    ) throws(TorchError) {
      weight = try scope.parameter(
        "weight", shape: [outputs, inputs] + Array(repeating: 1, count: rank),
        .kaimingNormal(negativeSlope: 0))
      bias = try scope.parameter("bias", shape: [outputs], .zeros)
    }

    func callAsFunction(_ input: Tensor) throws(TorchError) -> Tensor {
      let axes = input.rank - 2
      return try convolution(
        input, weight: weight, bias: bias, stride: Array(repeating: 1, count: axes),
        padding: Array(repeating: 0, count: axes))
    }
  }

  init(
    from inputs: Int, to features: Int, kernel: [Int], stride: [Int],
    configuration: UNetConfiguration, in scope: ParameterScope
  ) throws(TorchError) {
    block = try ConvolutionBlock(
      from: inputs, to: features, kernel: kernel, stride: stride, configuration: configuration,
      in: scope)
    let (few, rank) = (max(features / 4, 1), kernel.count)
    squeeze = try Projection(from: features, to: few, rank: rank, in: scope / "squeeze")
    excite = try Projection(from: few, to: features, rank: rank, in: scope / "excite")
  }

  func callAsFunction(_ input: Tensor) throws(TorchError) -> Tensor {
    let features = try block(input)
    let means = try features.mean(axes: Array(2..<features.rank), keepingAxes: true)
    let weights = try excite(leakyReLU(squeeze(means), slope: 0)).sigmoid()
    return try features * weights
  }
}
