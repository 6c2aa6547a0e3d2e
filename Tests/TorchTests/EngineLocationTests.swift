import Foundation
import TestSupport
import Testing

@testable import Torch

/// The engine that a program loads, by the files around it.
struct EngineLocationTests {
  @Test func theEngineOfABuildLiesBesideTheProgramOrInLib() throws {
    let folder = try temporaryFolder()
    let location = EngineLocation(imageFolder: folder.appending(path: "bin"))
    #expect(throws: TorchError.self) { try location.library() }
    let installed = folder.appending(path: "lib/nnunet/\(EngineLocation.fileName)")
    try makeFile(installed)
    #expect(try location.library().path == installed.path)
    let beside = folder.appending(path: "bin/\(EngineLocation.fileName)")
    try makeFile(beside)
    #expect(try location.library().path == beside.path)
    #expect(location.packagedVersions == nil)
  }

  @Test(arguments: [
    ("2.13.0+cu130", "2.13"), ("2.9.1", "2.9"), ("2.15.0a0+git1234", "2.15"),
  ])
  func aPackageTakesTheEngineOfTheTorchBesideIt(version: String, engine: String) throws {
    try inPackage(torch: version) { location in
      let path = try location.library().path
      #expect(path.hasSuffix("/engines/\(engine)/\(EngineLocation.fileName)"))
    }
  }

  @Test func aPackageRefusesAnotherTorchWithItsNumber() throws {
    for version in ["2.10.0", "3.13.0", "2.1", "2.150.0"] {
      try inPackage(torch: version) { location in
        let error = #expect(throws: TorchError.self) { try location.library() }
        #expect(error?.message.contains("torch \(version) in ") == true)
        #expect(error?.message.contains("supports 2.9, 2.13, 2.15") == true)
        #expect(error?.hint == "In the same environment:  pip install 'torch==2.15.*'")
      }
    }
  }

  @Test func aPackageWithoutTorchSaysWhatToInstall() throws {
    for file in [nil, "", "__version__ = None\n", "__version__ = '"] {
      try inPackage(file: file) { location in
        let error = #expect(throws: TorchError.self) { try location.library() }
        #expect(error?.message.hasPrefix("There is no torch in ") == true)
        #expect(error?.hint?.contains("pip install") == true)
      }
    }
  }

  private func inPackage(torch version: String, _ body: (EngineLocation) throws -> Void) throws {
    let file =
      "from typing import Optional\n\n__all__ = ['__version__', 'cuda']\n__version__ = '\(version)'\n"
    try inPackage(file: file, body)
  }

  /// A package with engines for 2.9, 2.13 and 2.15, next to a torch with such a `version.py`.
  private func inPackage(file: String?, _ body: (EngineLocation) throws -> Void) throws {
    let folder = try temporaryFolder()
    let package = folder.appending(path: "nnunet_swift")
    for version in ["2.13", "2.9", "2.15"] {
      try makeFile(package.appending(path: "engines/\(version)/\(EngineLocation.fileName)"))
    }
    if let file {
      try makeFile(folder.appending(path: "torch/version.py"), file)
    }
    try body(EngineLocation(imageFolder: package))
  }

  private func makeFile(_ file: URL, _ text: String = "") throws {
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: file)
  }
}
