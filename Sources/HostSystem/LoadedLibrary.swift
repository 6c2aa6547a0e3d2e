import Foundation

/// The path of a shared library that this process has loaded; nil where there is none or the system
/// does not tell (it does on Linux).
///
/// - Parameter name: What the file's name begins with, such as `libtorch_cpu`.
public func loadedLibrary(named name: String) -> String? {
  guard let maps = try? String(contentsOfFile: "/proc/self/maps", encoding: .utf8) else {
    return nil
  }
  for line in maps.split(separator: "\n") {
    guard let start = line.firstIndex(of: "/") else { continue }
    let path = line[start...]
    let file = path.split(separator: "/").last ?? ""
    if file.hasPrefix(name + ".") { return String(path) }
  }
  return nil
}
