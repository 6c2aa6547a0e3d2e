package import Archives
package import Foundation
package import HostSystem
import Plans

/// Installs the models of a zip archive in the format of the Python nnU-Net.
///
/// Everything is unpacked and checked next to its final place and then renamed, all models or none:
/// after an error, replaced models are put back, and the next run completes what a killed run had
/// decided.
package struct ModelInstallation: Sendable {
  /// The archive.
  package var archive: URL
  /// The folder `RESULTS_FOLDER/nnUNet`.
  package var results: URL
  /// Whether existing models are replaced.
  package var replaces: Bool
  /// The limits of the archive.
  package var limits: ZipLimits

  package init(archive: URL, results: URL, replaces: Bool = false, limits: ZipLimits = .models) {
    self.archive = archive
    self.results = results
    self.replaces = replaces
    self.limits = limits
  }

  /// Installs all models of the archive.
  ///
  /// - Returns: The new folders, in ascending order.
  /// - Throws: ``ModelStoreError``, `ArchiveError` or `FileError`; nothing is installed then.
  package func install(
    reporter: any Reporter = SilentReporter()
  ) throws -> [URL] {
    sweepLeftovers(in: results, reporter: reporter)
    let zip = try ZipReader(at: archive, limits: limits)
    try zip.checkNames()
    let models = try models(of: zip)
    let present = models.filter { fileExists(results.appending(path: $0)) }
    guard replaces || present.isEmpty else {
      throw ModelStoreError.exists(
        archive: archive.path, folders: present.map { results.appending(path: $0).path })
    }
    let change = try StagedChange(in: results, for: "installing")
    try zip.extract(
      to: change.folder, where: { !Self.isOfTheDesktop($0.name) }, reporter: reporter,
      activity: "installing (MB)")
    try change.commit(models)
    return models.map { results.appending(path: $0) }
  }

  /// The folders of the archive's models: the first parts of its files' names.
  private func models(of zip: ZipReader) throws -> [String] {
    var models: Set<String> = []
    for entry in zip.entries where entry.kind == .file && !Self.isOfTheDesktop(entry.name) {
      let parts = entry.name.parts(at: "/")
      guard let depth = Self.depth(of: parts) else {
        throw ModelStoreError.noModel(archive: archive.path, entry: entry.name)
      }
      models.insert(parts.prefix(depth).joined(separator: "/"))
    }
    guard !models.isEmpty else { throw ModelStoreError.emptyArchive(archive: archive.path) }
    return models.sorted()
  }

  /// Whether an entry was added by macOS' Finder or Windows' Explorer.
  private static func isOfTheDesktop(_ name: String) -> Bool {
    let parts = name.parts(at: "/")
    let leftovers = [".DS_Store", "Thumbs.db", "desktop.ini"]
    return parts.first == "__MACOSX"
      || parts.last.map { $0.begins(with: "._") || leftovers.contains(String($0)) } ?? false
  }

  /// The number of parts of a file's name that form its model's folder; nil if it belongs to none.
  private static func depth(of parts: [Substring]) -> Int? {
    guard parts.count > 2 else { return nil }
    // v2: DATASET/TRAINER__PLANS__CONFIGURATION and DATASET/ensembles/NAME.
    if parts[0].begins(with: "Dataset") {
      if parts[1] == "ensembles" { return parts.count > 3 ? 3 : nil }
      let isCrossValidation = parts[1].begins(with: "crossval_results")
      return parts[1].holds("__") || isCrossValidation ? 2 : nil
    }
    let isConfiguration = Configuration(rawValue: String(parts[0])) != nil
    guard parts.count > 3, parts[1].begins(with: "Task"),
      parts[0] == "ensembles" || isConfiguration && parts[2].holds("__")
    else { return nil }
    return 3
  }
}
