internal import CTorch
import HostSystem

/// The place of tensors and computations: the CPU, an NVIDIA GPU or Apple's GPU.
///
/// Everything that depends on the device goes through this type, so that all devices use the same
/// code path.
public struct Device: Hashable, Sendable, CustomStringConvertible {
  /// The kind of device.
  public enum Kind: String, Sendable, CaseIterable {
    /// The processor, an NVIDIA GPU, Apple's GPU.
    case cpu, cuda, mps
  }

  /// Whether it is the CPU, an NVIDIA GPU or Apple's GPU.
  public var kind: Kind
  /// The number of the device among those of its kind; 0 for the CPU.
  public var index: Int

  /// Creates the name of a device, which need not be present.
  public init(kind: Kind, index: Int = 0) {
    self.kind = kind
    self.index = index
  }

  /// The CPU.
  public static let cpu = Device(kind: .cpu)

  /// The device that a user names: `cpu`, `cuda`, `cuda:1`, `mps`, or `auto` for the fastest kind
  /// that is present.
  ///
  /// - Throws: ``TorchError/unknownDevice(name:)``, ``TorchError/deviceNotPresent(name:present:)``.
  public init(named name: String) throws(TorchError) {
    if name == "auto" {
      let present = try Device.present()
      self = present.first { $0.kind != .cpu } ?? .cpu
      return
    }
    let parts = name.parts(at: ":", omittingEmpty: false)
    guard let kind = Kind(rawValue: String(parts[0])), parts.count <= 2,
      let index = parts.count == 2 ? Int(parts[1]) : 0, index >= 0, kind == .cuda || index == 0
    else { throw .unknownDevice(name: name) }
    self.init(kind: kind, index: index)
    let present = try Device.present()
    guard present.contains(self) else {
      if kind == .cuda, let reason = try TorchRuntime.cudaProblem() {
        throw .cudaNotUsable(reason: reason, present: present.map(\.description))
      }
      throw .deviceNotPresent(name: name, present: present.map(\.description))
    }
  }

  /// All devices of this machine that this build of libtorch can use, the CPU first.
  package static func present() throws(TorchError) -> [Device] {
    let table = try engine()
    return Kind.allCases.flatMap { kind in
      (0..<Int(table.pointee.device.count(kind.code))).map { Device(kind: kind, index: $0) }
    }
  }

  /// Waits until all queued work on the device is done.
  package func synchronize() throws(TorchError) {
    let table = try engine()
    try check("synchronize") { table.pointee.device.synchronize(code, $0) }
  }

  /// The name that ``init(named:)`` takes: `cpu`, `cuda:0`, `mps`.
  public var description: String { kind == .cuda ? "cuda:\(index)" : kind.rawValue }

  var code: CTDevice { CTDevice(type: kind.code, index: Int32(index)) }

  init(code: CTDevice) {
    let kind: Kind =
      switch code.type {
      case CT_CUDA: .cuda
      case CT_MPS: .mps
      default: .cpu
      }
    self.init(kind: kind, index: Int(code.index))
  }
}

extension Device.Kind {
  var code: CTDeviceType {
    switch self {
    case .cpu: CT_CPU
    case .cuda: CT_CUDA
    case .mps: CT_MPS
    }
  }
}
