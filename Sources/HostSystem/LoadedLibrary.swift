import Foundation

/// The path of a shared library that this process has loaded; nil where there is none or the system
/// does not tell (it does on Linux).
///
/// - Parameter name: What the file's name begins with, such as `libtorch_cpu`.
public func loadedLibrary(named name: String) -> String? {
  guard let maps = try? String(contentsOfFile: "/proc/self/maps", encoding: .utf8) else {
    return nil
  }
  for line in maps.parts(at: "\n") {
    let parts = line.parts(at: "/", maxSplits: 1, omittingEmpty: false)
    guard parts.count == 2 else { continue }
    let path = "/" + parts[1]
    if path.fileName.begins(with: name + ".") { return path }
  }
  return nil
}
