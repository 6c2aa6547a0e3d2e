public import Foundation

/// The file or folder `path` below `Tests/Fixtures`.
public func fixtureURL(_ path: String) -> URL {
  packageRoot.appendingPathComponent("Tests/Fixtures").appendingPathComponent(path)
}

/// The file or folder `path` of the reference data next to the checkout; nil when it is absent.
///
/// Tests that need it are skipped with ``sharedDataIsAbsent``.
public func sharedURL(_ path: String) -> URL? {
  let url = packageRoot.deletingLastPathComponent().appendingPathComponent("shared")
    .appendingPathComponent(path)
  return FileManager.default.fileExists(atPath: url.path) ? url : nil
}

/// The message of tests that are skipped because the reference data is missing.
public let sharedDataIsAbsent: String = "needs the reference data in ../shared"

/// A new empty folder, removed when the test process ends.
public func temporaryFolder() throws -> URL {
  let url = temporaryRoot.appendingPathComponent(UUID().uuidString)
  try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  return url
}

/// Holds the temporary folders of this process.
private let temporaryRoot: URL = {
  atexit { try? FileManager.default.removeItem(at: temporaryRootURL()) }
  return temporaryRootURL()
}()

private func temporaryRootURL() -> URL {
  FileManager.default.temporaryDirectory
    .appendingPathComponent("nnunet-tests-\(ProcessInfo.processInfo.processIdentifier)")
}

private let packageRoot = URL(fileURLWithPath: #filePath)
  .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
