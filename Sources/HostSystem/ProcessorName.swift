import Foundation

/// The processor's name, such as "AMD EPYC 7763 64-Core Processor".
///
/// If the system does not say, the architecture.
package func processorName() -> String {
  let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
  let line = text.parts(at: "\n").first { $0.begins(with: "model name") }
  if let name = line?.parts(at: ":", maxSplits: 1).last {
    return name.trimmingCharacters(in: .whitespaces)
  }
  var system = utsname()
  guard uname(&system) == 0 else { return "unknown processor" }
  return withUnsafeBytes(of: &system.machine) { bytes in
    String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
  }
}
