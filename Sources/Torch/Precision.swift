import HostSystem

/// The floating-point type that convolutions run in.
public enum Precision: String, Codable, Hashable, Sendable {
  /// 32 bits; 16 bits with the range of 32; 16 bits with a smaller range and more digits.
  case float32, bfloat16, float16

  /// What mixed precision means on a device: float16 with loss scaling on NVIDIA GPUs, bfloat16 on
  /// processors with instructions for it, plain float32 elsewhere.
  ///
  /// Without such instructions bfloat16 is emulated, which is slower than float32.
  package static func mixed(on device: Device) -> Precision {
    switch device.kind {
    case .cuda: .float16
    case .mps: .float32
    case .cpu: ProcessorFeatures.multipliesBFloat16 ? .bfloat16 : .float32
    }
  }

  /// The precision for predicting with a network of images (2 axes) or volumes (3 axes) that was
  /// trained in this precision.
  ///
  /// 2D networks are uncertain over wide borders, where the eight bits of bfloat16 lead to other
  /// labels; for volumes, the segmentation is the same (`Guides/Inference.md`).
  package func forPrediction(axes: Int) -> Precision {
    self == .bfloat16 && axes == 2 ? .float32 : self
  }

  /// The tensor type that autocast converts to.
  package var scalarType: ScalarType {
    switch self {
    case .float32: .float32
    case .bfloat16: .bfloat16
    case .float16: .float16
    }
  }
}
