public import Torch

/// A layer of a network, or several in a row.
public protocol NetworkLayer {
  /// Applies the layer to `(b, features, spatial…)`.
  func callAsFunction(_ input: Tensor) throws(TorchError) -> Tensor
}

/// The unit that a plain U-Net is built of, which packages can replace.
///
/// ``ConvolutionBlock`` is nnU-Net's. ``NetworkTable/register(_:block:)`` makes a U-Net of another one
/// known by a name.
public protocol UNetBlock: NetworkLayer, SendableMetatype {
  /// Creates the block's parameters in `scope`.
  ///
  /// - Parameters:
  ///   - inputs: The channels that it takes.
  ///   - features: The channels that it gives.
  ///   - kernel: The extents of its convolutions, all odd; `(z, y, x)` or `(y, x)`.
  ///   - stride: How much coarser its output is than its input, per axis.
  ///   - configuration: The network that it is a part of.
  ///   - scope: Where its parameters are.
  /// - Throws: `TorchError.outOfMemory(detail:)` if the device has no room for the parameters.
  init(
    from inputs: Int, to features: Int, kernel: [Int], stride: [Int],
    configuration: UNetConfiguration, in scope: ParameterScope
  ) throws(TorchError)
}
