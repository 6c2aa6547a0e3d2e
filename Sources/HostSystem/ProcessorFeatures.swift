import Foundation

/// What the processor can do beyond the instructions that the program was compiled for.
public enum ProcessorFeatures {
  /// Whether it multiplies bfloat16 numbers in hardware (AVX512-BF16 or AMX) and may do so.
  package static let multipliesBFloat16: Bool = {
    requestedLevel == nil && !flags.isDisjoint(with: ["avx512_bf16", "amx_bf16"])
  }()

  /// The limit that `NNUNET_CPU` sets: with `avx2`, everything runs as on a processor without
  /// AVX-512, so that any machine can measure it; nil for no limit.
  package static let requestedLevel: String? = {
    ProcessInfo.processInfo.environment["NNUNET_CPU"].flatMap { $0.isEmpty ? nil : $0 }
  }()

  /// The flags that Linux lists for the first processor; empty elsewhere.
  private static let flags: Set<Substring> = {
    guard let text = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8),
      let line = text.parts(at: "\n").first(where: { $0.begins(with: "flags") })
    else { return [] }
    return Set(line.parts(at: " "))
  }()
}
