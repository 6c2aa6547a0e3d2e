/// A loss that a package added.
package struct RegisteredLoss: Sendable {
  /// Its parameters by name, with their default values.
  package let parameters: [String: Double]
  /// Makes the loss for a part of a training; called often, so it must be cheap.
  package let make: @Sendable (LossContext) -> any SegmentationLoss

  package init(
    parameters: [String: Double] = [:],
    make: @escaping @Sendable (LossContext) -> any SegmentationLoss
  ) {
    self.parameters = parameters
    self.make = make
  }
}

/// The parameters for making a package's loss.
public struct LossContext: Sendable {
  /// The values of all registered parameters.
  public let parameters: [String: Double]
  /// Whether nnU-Net sums Dice over the samples of the batch, rather than for each sample.
  public let sumsOverBatch: Bool
  /// The rest of the batch, for sums over it if several devices train.
  public let batch: SharedBatch
  /// The epoch, from 0.
  public let epoch: Int

  /// The value of a parameter.
  ///
  /// - Precondition: The loss was registered with it.
  public subscript(name: String) -> Double {
    guard let value = parameters[name] else {
      preconditionFailure("the loss was registered without a parameter \(name)")
    }
    return value
  }
}
