public import Torch

/// A layer of a network, or several in a row.
public protocol NetworkLayer {
  /// Applies the layer to `(b, features, spatial…)`.
  func callAsFunction(_ input: Tensor) throws(TorchError) -> Tensor
}

/// The building block of a plain U-Net, which packages can replace.
///
/// ``ConvolutionBlock`` is nnU-Net's. ``NetworkTable/register(_:block:)`` registers a U-Net with
/// another one under a name.
public protocol UNetBlock: NetworkLayer, SendableMetatype {
  /// Creates the block's parameters in `scope`.
  ///
  /// - Parameters:
  ///   - inputs: The number of input channels.
  ///   - features: The number of output channels.
  ///   - kernel: The extents of its convolutions, all odd; `(z, y, x)` or `(y, x)`.
  ///   - stride: How much coarser its output is than its input, per axis.
  ///   - configuration: The network that it is part of.
  ///   - scope: Where its parameters are.
  /// - Throws: `TorchError.outOfMemory(detail:)` if the device has too little memory for the
  ///   parameters.
  init(
    from inputs: Int, to features: Int, kernel: [Int], stride: [Int],
    configuration: UNetConfiguration, in scope: ParameterScope
  ) throws(TorchError)
}
