package import Torch

/// Keeps float16 gradients in range by scaling the loss up and the gradients back down.
///
/// After a step with infinite gradients, the scale is halved and the step skipped; after a series
/// of finite ones, it is doubled. Source: PyTorch, `torch.amp.GradScaler`.
package struct LossScaler: Codable, Hashable, Sendable {
  package private(set) var scale: Double
  private var finiteSteps = 0
  /// The number of consecutive finite steps that double the scale; nil keeps it.
  private var growthInterval: Int?

  /// A scaler for float16; for the wider types, one that does not change the loss.
  package init(for precision: Precision) {
    scale = precision == .float16 ? 65536 : 1
    growthInterval = precision == .float16 ? 2000 : nil
  }

  /// Why no training can have stored this, in words; nil for a valid scaler.
  var problem: String? {
    scale > 0 && scale.isFinite && 0...1_000_000 ~= finiteSteps
      ? nil : "its loss scale is not valid"
  }

  /// Adapts the scale after a step.
  package mutating func update(gradientsAreFinite: Bool) {
    guard let growthInterval else { return }
    guard gradientsAreFinite else {
      scale /= 2
      finiteSteps = 0
      return
    }
    finiteSteps += 1
    if finiteSteps == growthInterval {
      scale *= 2
      finiteSteps = 0
    }
  }
}
