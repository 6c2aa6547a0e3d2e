import Foundation
import HostSystem

/// Where to search for the engine's library, and which of several to use.
///
/// A program that was built or installed from source has one engine, next to it or in
/// `../lib/nnunet`. A package has one for each version of torch, in `engines/2.13/` next to the
/// program, and uses the torch of the same environment, `../torch`, to which the engines' run path
/// leads.
struct EngineLocation {
  /// The folder of the running image, without symbolic links in its path.
  let imageFolder: URL

  /// The file name of the library.
  static let fileName: String = {
    #if os(macOS)
      "libNNUNetTorch.dylib"
    #else
      "libNNUNetTorch.so"
    #endif
  }()

  /// The engine's library.
  ///
  /// - Throws: ``TorchError/engineNotFound(searched:)``, ``TorchError/torchNotInstalled(folder:supported:)``,
  ///   ``TorchError/torchNotSupported(version:folder:supported:)``.
  func library() throws(TorchError) -> URL {
    if let versions = packagedVersions { return try packagedLibrary(versions) }
    let folders = [
      imageFolder, imageFolder.deletingLastPathComponent().appendingPathComponent("lib/nnunet"),
    ]
    let candidates = folders.map { $0.appendingPathComponent(Self.fileName) }
    guard let library = candidates.first(where: { access($0.path, R_OK) == 0 }) else {
      throw .engineNotFound(searched: folders.map(\.path))
    }
    return library
  }

  /// The versions of torch, such as `2.13`, that a package has engines for, in ascending order; nil
  /// if the program does not come from a package.
  var packagedVersions: [String]? {
    guard let names = try? folderNames(in: enginesFolder) else { return nil }
    let versions = names.compactMap { name in minorVersion(name).map { (name, $0) } }
    return versions.isEmpty ? nil : versions.sorted { $0.1 < $1.1 }.map(\.0)
  }

  private var enginesFolder: URL { imageFolder.appendingPathComponent("engines") }

  /// The folder `torch` of the environment that a package is installed in.
  var torchFolder: URL { imageFolder.deletingLastPathComponent().appendingPathComponent("torch") }

  private func packagedLibrary(_ versions: [String]) throws(TorchError) -> URL {
    let supported = TorchRange(versions)
    guard let text = try? Data(contentsOf: torchFolder.appendingPathComponent("version.py")),
      let version = Self.version(in: text)
    else { throw .torchNotInstalled(folder: torchFolder.path, supported: supported) }
    guard let minor = minorVersion(version),
      let fitting = versions.first(where: { minorVersion($0) == minor })
    else {
      throw .torchNotSupported(version: version, folder: torchFolder.path, supported: supported)
    }
    return enginesFolder.appendingPathComponent(fitting).appendingPathComponent(Self.fileName)
  }

  /// The value of `__version__` in torch's `version.py`, for example `2.13.0+cu130`.
  static func version(in file: Data) -> String? {
    for line in String(decoding: file, as: UTF8.self).lines where line.begins(with: "__version__") {
      for quote in ["'", "\""] {
        let parts = line.parts(at: quote, omittingEmpty: false)
        if parts.count >= 3 { return String(parts[1]) }
      }
    }
    return nil
  }
}

/// The part of a version that determines the binary interface.
private struct MinorVersion: Comparable {
  var major: Int
  var minor: Int

  static func < (left: Self, right: Self) -> Bool {
    (left.major, left.minor) < (right.major, right.minor)
  }
}

/// The beginning of a version such as `2.13` or `2.13.0+cu130`.
private func minorVersion(_ text: String) -> MinorVersion? {
  let parts = text.parts(at: ".")
  guard parts.count >= 2, let major = Int(parts[0]),
    let minor = Int(String(parts[1].unicodeScalars.prefix { $0.isASCIIDigit }))
  else { return nil }
  return MinorVersion(major: major, minor: minor)
}

/// The versions of torch that a package supports.
public struct TorchRange: Hashable, Sendable, CustomStringConvertible {
  private let versions: [String]

  /// - Parameter versions: such as `2.13`, in ascending order; not empty.
  init(_ versions: [String]) { self.versions = versions }

  /// The versions in ascending order, separated by commas.
  public var description: String { versions.joined(separator: ", ") }

  /// The command that installs the newest of them.
  var installCommand: String { "pip install 'torch==\(versions.last ?? "2").*'" }
}
