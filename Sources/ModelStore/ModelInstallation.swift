public import Archives
public import Foundation
public import HostSystem
import Plans

/// Installs the models of a zip archive as nnU-Net's Python exports them.
///
/// Everything is unpacked and checked beside its final place and then renamed, model by model; an
/// error puts back what was replaced, so that no half-installed model remains.
public struct ModelInstallation: Sendable {
  /// The archive.
  public var archive: URL
  /// The folder `RESULTS_FOLDER/nnUNet`.
  public var results: URL
  /// Whether models that exist are replaced.
  public var replaces: Bool
  /// What is accepted of the archive.
  public var limits: ZipLimits

  public init(archive: URL, results: URL, replaces: Bool = false, limits: ZipLimits = .models) {
    self.archive = archive
    self.results = results
    self.replaces = replaces
    self.limits = limits
  }

  /// Installs all models of the archive.
  ///
  /// - Returns: The folders that are new, in ascending order.
  /// - Throws: ``ModelStoreError``, `ArchiveError` or `FileError`; nothing is installed then.
  public func install(
    reporter: any HostSystem.ProgressReporting = SilentReporter()
  ) throws -> [URL] {
    let zip = try ZipReader(at: archive, limits: limits)
    try zip.checkNames()
    let models = try models(of: zip)
    let present = models.filter { fileExists(results.appending(path: $0)) }
    guard replaces || present.isEmpty else {
      throw ModelStoreError.exists(
        archive: archive.path, folders: present.map { results.appending(path: $0).path })
    }
    try makeFolder(at: results)
    let aside = results.appending(path: ".installing-\(UUID().uuidString.prefix(8))")
    defer { try? FileManager.default.removeItem(at: aside) }
    let (new, old) = (aside.appending(path: "new"), aside.appending(path: "old"))
    try zip.extract(to: new, reporter: reporter, activity: "installing (MB)")
    try exchange(models, new: new, old: old)
    return models.map { results.appending(path: $0) }
  }

  /// The folders of the archive's models: the first parts of its files' names.
  private func models(of zip: ZipReader) throws -> [String] {
    var models: Set<String> = []
    for entry in zip.entries where entry.kind == .file {
      let parts = entry.name.split(separator: "/")
      guard let depth = Self.depth(of: parts) else {
        throw ModelStoreError.noModel(archive: archive.path, entry: entry.name)
      }
      models.insert(parts.prefix(depth).joined(separator: "/"))
    }
    guard !models.isEmpty else { throw ModelStoreError.emptyArchive(archive: archive.path) }
    return models.sorted()
  }

  /// How many parts of a file's name are its model's folder; nil where it belongs to none.
  private static func depth(of parts: [Substring]) -> Int? {
    guard parts.count > 2 else { return nil }
    // v2: DATASET/TRAINER__PLANS__CONFIGURATION and DATASET/ensembles/NAME.
    if parts[0].hasPrefix("Dataset") {
      if parts[1] == "ensembles" { return parts.count > 3 ? 3 : nil }
      let isCrossValidation = parts[1].hasPrefix("crossval_results")
      return parts[1].contains("__") || isCrossValidation ? 2 : nil
    }
    let isConfiguration = Configuration(rawValue: String(parts[0])) != nil
    guard parts.count > 3, parts[1].hasPrefix("Task"),
      parts[0] == "ensembles" || isConfiguration && parts[2].contains("__")
    else { return nil }
    return 3
  }

  /// Renames the new folders into their places, and what is there out of the way.
  private func exchange(_ models: [String], new: URL, old: URL) throws {
    var done: [(model: String, hadOld: Bool)] = []
    do {
      for model in models {
        let (place, kept) = (results.appending(path: model), old.appending(path: model))
        try makeFolder(at: place.deletingLastPathComponent())
        let hadOld = fileExists(place)
        if hadOld {
          try makeFolder(at: kept.deletingLastPathComponent())
          try move(place, to: kept)
        }
        do { try move(new.appending(path: model), to: place) } catch {
          if hadOld { try? move(kept, to: place) }
          throw error
        }
        done.append((model, hadOld))
      }
    } catch {
      for (model, hadOld) in done.reversed() {
        let place = results.appending(path: model)
        try? FileManager.default.removeItem(at: place)
        if hadOld { try? move(old.appending(path: model), to: place) }
      }
      throw error
    }
  }

  private func move(_ source: URL, to target: URL) throws {
    guard rename(source.path, target.path) == 0 else {
      throw FileError.cannotWrite(path: target.path, reason: String(cString: strerror(errno)))
    }
  }
}
