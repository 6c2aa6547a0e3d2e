package import Downloads
package import Foundation
package import HostSystem

/// Downloads archives of models and installs them.
///
/// Archives are kept in `RESULTS_FOLDER/nnUNet/.downloads` until they are installed, so that the
/// next call continues an interrupted download. An archive with a wrong checksum is deleted, and
/// nothing in it is installed.
package struct ModelDownload: Sendable {
  /// The folder `RESULTS_FOLDER/nnUNet`.
  package var results: URL
  /// Whether existing models are replaced.
  package var replaces: Bool
  /// The settings of the download; its address, file and digest are not used.
  package var settings = Download(of: "", to: URL(fileURLWithPath: "/"))

  package init(results: URL, replaces: Bool = false) {
    self.results = results
    self.replaces = replaces
  }

  /// Downloads and installs all archives of a model.
  ///
  /// - Returns: The new folders.
  /// - Throws: ``ModelStoreError``, `DownloadError`, `ArchiveError` or `FileError`.
  package func install(
    _ model: PretrainedModel, of index: ModelIndex,
    reporter: any Reporter = SilentReporter()
  ) throws -> [URL] {
    try model.files.flatMap { file in
      try install(
        addresses: index.addresses(of: file),
        digest: try file.checksum.map { try FileDigest(parsing: $0) }, reporter: reporter)
    }
  }

  /// Downloads and installs an archive from the first of its addresses that works.
  package func install(
    addresses: [String], digest: FileDigest? = nil,
    reporter: any Reporter = SilentReporter()
  ) throws -> [URL] {
    precondition(!addresses.isEmpty, "an archive without an address")
    let folder = results.appending(path: ".downloads")
    try makeFolder(at: folder)
    // It is removed if it is empty.
    defer { rmdir(folder.path) }
    let archive = folder.appending(path: try Self.fileName(for: addresses[0]))
    if !fileExists(archive) {
      try download(addresses, to: archive, digest: digest, reporter: reporter)
    } else {
      reporter.note("\(archive.lastPathComponent) was downloaded before")
    }
    do {
      let folders = try ModelInstallation(
        archive: archive, results: results, replaces: replaces
      ).install(reporter: reporter)
      unlink(archive.path)
      return folders
    } catch {
      // An intact archive is kept for a call with --force; a damaged one would only be in the way.
      if case ModelStoreError.exists = error { throw error }
      unlink(archive.path)
      throw error
    }
  }

  private func download(
    _ addresses: [String], to archive: URL, digest: FileDigest?,
    reporter: any Reporter
  ) throws {
    for (position, address) in addresses.enumerated() {
      reporter.note("Downloading \(address)")
      var download = settings
      (download.address, download.file, download.digest) = (address, archive, digest)
      do {
        try download.run(reporter: reporter)
        return
      } catch let error as DownloadError where position + 1 < addresses.count {
        reporter.warn("\(error.message) Trying the next mirror.")
      } catch let error as DownloadError {
        switch error {
        // The error with what the user can fetch in another way.
        case .refused, .interrupted:
          throw ModelStoreError.notDownloaded(addresses: addresses, reason: error)
        case .invalidAddress, .wrongContent, .unknownChecksum, .notCalculated: throw error
        }
      }
    }
  }

  /// A name without folders that is unique to an address.
  private static func fileName(for address: String) throws -> String {
    let last = URL(string: address)?.lastPathComponent ?? ""
    var safe = ""
    for scalar in last.unicodeScalars
    where scalar.isASCIILetter || scalar.isASCIIDigit || "._-".unicodeScalars.contains(scalar) {
      safe.unicodeScalars.append(scalar)
    }
    let digest = try Array(address.utf8).withUnsafeBytes { try FileDigest(.sha256, of: $0) }
    return "\(digest.digits.prefix(12))-\(safe.prefix(120))"
  }
}
