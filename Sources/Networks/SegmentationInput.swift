public import Torch

extension Tensor {
  /// The elements in the order in which convolutions of the device are fastest.
  ///
  /// On the CPU the channel varies fastest; layers keep the order, so that nothing is copied
  /// between them. Other devices choose the order themselves.
  public func laidOutForConvolutions() throws(TorchError) -> Tensor {
    device.kind == .cpu ? try contiguous(.channelsLast) : self
  }
}
