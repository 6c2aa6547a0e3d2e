import Arrays
import Foundation
import HostSystem
import Torch

/// Checks libtorch and the devices, and whether they calculate correctly.
package struct EngineCheck: Sendable {
  package init() {}

  /// Loads libtorch and tests each device.
  package func findings() -> [Finding] {
    let devices: [Device]
    var findings: [Finding] = []
    do {
      devices = try Device.present()
      let library = try TorchRuntime.libraryPath()
      findings.append(
        Finding(
          "libtorch", .ok,
          "\(try TorchRuntime.version())" + (library.map { ", \($0)" } ?? "")
            + ", \(try TorchRuntime.threads()) threads for one operation"))
      findings.append(cuda(try TorchRuntime.cudaProblem(), devices))
    } catch {
      return [
        Finding(
          "libtorch", .broken, error.message,
          advice: error.hint ?? "Set it up: \(TorchRuntime.setUpCommand(cuda: false))")
      ]
    }
    findings.append(self.devices(devices))
    for device in devices { findings += selfTest(on: device) }
    return findings
  }

  /// Whether libtorch has CUDA, and what to do if there is a driver that cannot be used.
  private func cuda(_ problem: String?, _ devices: [Device]) -> Finding {
    guard let problem else {
      guard devices.contains(where: { $0.kind == .cuda }) else {
        return Finding(
          "CUDA", .note, "libtorch has CUDA, but the driver shows no GPU",
          advice: "Check nvidia-smi; CUDA_VISIBLE_DEVICES may hide the GPU.")
      }
      return Finding("CUDA", .ok, "libtorch has CUDA")
    }
    guard hasNVIDIADriver else { return Finding("CUDA", .ok, "not used: \(problem)") }
    return Finding(
      "CUDA", .note, "not usable, although there is an NVIDIA driver: \(problem)",
      advice: "Set up a libtorch with CUDA: \(TorchRuntime.setUpCommand(cuda: true))")
  }

  private var hasNVIDIADriver: Bool {
    ["/proc/driver/nvidia/version", "/usr/lib/wsl/lib/libcuda.so.1"]
      .contains { (path: String) in access(path, F_OK) == 0 }
  }

  private func devices(_ devices: [Device]) -> Finding {
    let names = devices.map(\.description).joined(separator: ", ")
    guard devices.allSatisfy({ $0.kind == .cpu }) else { return Finding("devices", .ok, names) }
    return Finding(
      "devices", .note, "\(names) only",
      advice:
        "Full trainings of 1000 epochs need a GPU; nnUNet_benchmark measures this machine. If there"
        + " is a GPU, see the line about CUDA and Guides/GettingStarted.md.")
  }

  /// Compares convolutions with known numbers, in single precision and in that of mixed precision.
  func selfTest(on device: Device) -> [Finding] {
    let mixed = Precision.mixed(on: device)
    // On processors without such instructions, bfloat16 is emulated, and the results must still be
    // correct.
    let reduced: Precision = mixed == .float32 && device.kind == .cpu ? .bfloat16 : mixed
    return (reduced == .float32 ? [.float32] : [.float32, reduced]).map { precision in
      let subject = "convolution"
      do {
        let error = try ConvolutionTest().largestError(on: device, precision.scalarType)
        let limit = ConvolutionTest.tolerance(of: precision.scalarType)
        let text =
          "\(device), \(precision.rawValue): differs from the known numbers by at most"
          + " \(text(error)) (\(text(limit)) is allowed)"
        guard error <= limit else {
          return Finding(
            subject, .broken, text,
            advice:
              "The results of this device cannot be trusted. Use another libtorch or driver, or"
              + " --device cpu\(precision == .float32 ? "" : " or --fp32").")
        }
        return Finding(subject, .ok, text)
      } catch {
        return Finding(
          subject, .broken, "\(device), \(precision.rawValue): \(explanation(of: error))",
          advice: "Update the driver, use another libtorch, or --device cpu.")
      }
    }
  }

  private func text(_ value: Double) -> String {
    guard value.isFinite, value > 0 else { return value == 0 ? "0" : "\(value)" }
    var (mantissa, exponent) = (value, 0)
    while mantissa < 1 { (mantissa, exponent) = (mantissa * 10, exponent - 1) }
    while mantissa >= 10 { (mantissa, exponent) = (mantissa / 10, exponent + 1) }
    let digits = (mantissa * 10).rounded() / 10
    return exponent == 0 ? "\(digits)" : "\(digits)e\(exponent)"
  }
}
