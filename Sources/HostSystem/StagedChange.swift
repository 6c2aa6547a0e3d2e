package import Foundation

/// Files and folders that are made in a temporary folder and moved to their places together.
///
/// They are made in ``folder``, which is hidden in ``base``, under the paths that they will have in
/// ``base``. ``commit(_:removing:)`` first writes down what it is about to move; from then on the
/// change is decided. If a run is killed before that, nothing is changed, and
/// ``sweepLeftovers(in:reporter:)`` deletes what it made; a decided change is completed.
package final class StagedChange: Sendable {
  /// The folder that the change is made in.
  package let base: URL
  private let aside: URL
  private let lock: HeldLock

  private static let journalName = "decided.json"

  /// The decided moves, in their order.
  private struct Journal: Codable {
    var places: [String]
    var removed: [String]
  }

  /// Creates an empty change.
  ///
  /// - Parameters:
  ///   - base: The folder to change; created if it is missing.
  ///   - name: Explains the purpose of the hidden folder to a person who finds it.
  /// - Throws: ``FileError/cannotWrite(path:reason:)`` if a folder cannot be made.
  package init(in base: URL, for name: String) throws(FileError) {
    try makeFolder(at: base)
    self.base = base
    while true {
      let aside = base.appending(path: TemporaryName.fresh(for: name))
      try makeFolder(at: aside)
      // Nil if another process swept the folder before it was locked.
      if let lock = try HeldLock(on: Self.lockFile(in: aside)) {
        (self.aside, self.lock) = (aside, lock)
        break
      }
    }
    try makeFolder(at: Self.new(in: aside))
  }

  deinit {
    // The next run completes a decided change that could not be completed.
    if !Self.isSealed(aside) { try? FileManager.default.removeItem(at: aside) }
  }

  /// The folder for the new files and folders.
  package var folder: URL { Self.new(in: aside) }

  /// Moves everything into place.
  ///
  /// - Parameters:
  ///   - places: Paths of files and folders in ``folder``, in their order. A file takes the place
  ///     of a file, a folder that of a folder with all that is in it.
  ///   - removed: Paths in ``base`` to remove.
  /// - Throws: `FileError`; then everything is as before, or, if that is impossible, too, the next
  ///   run completes the change.
  package func commit(_ places: [String], removing removed: [String] = []) throws(FileError) {
    let journal = Journal(places: places, removed: removed)
    do {
      try AtomicFile.write(
        JSONEncoder().encode(journal), to: aside.appending(path: Self.journalName))
    } catch let error as FileError {
      throw error
    } catch {
      preconditionFailure("names can be encoded: \(error)")
    }
    try syncFolder(at: aside)
    do throws(FileError) {
      try Self.carryOut(journal, from: aside, in: base)
    } catch {
      if Self.undo(journal, from: aside, in: base) {
        unlink(aside.appending(path: Self.journalName).path)
      }
      throw error
    }
    try removeAll(at: aside)
  }

  // MARK: - What others see of it

  static func lockFile(in aside: URL) -> URL { aside.appending(path: ".lock") }

  /// Whether a change was decided.
  static func isSealed(_ aside: URL) -> Bool { fileExists(aside.appending(path: journalName)) }

  /// Completes the decided change of a run that has ended.
  ///
  /// - Returns: The affected places.
  static func finish(_ aside: URL, in base: URL) throws(FileError) -> [String] {
    let file = aside.appending(path: journalName)
    let journal: Journal
    do { journal = try JSONDecoder().decode(Journal.self, from: Data(contentsOf: file)) } catch {
      throw .cannotRead(path: file.path, reason: "it does not say which files to move")
    }
    // The file may have been changed since then.
    guard (journal.places + journal.removed).allSatisfy(staysBelow) else {
      throw .cannotRead(path: file.path, reason: "it names a place outside of \(base.path)")
    }
    try carryOut(journal, from: aside, in: base)
    try removeAll(at: aside)
    return journal.places + journal.removed
  }

  // MARK: - Moving

  private static func new(in aside: URL) -> URL { aside.appending(path: "new") }

  private static func staysBelow(_ place: String) -> Bool {
    let parts = place.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    return !parts.contains { $0.isEmpty || $0.elementsEqual("..".utf8) }
  }

  /// Does what is not yet done: what is still in the temporary folder has not been moved.
  private static func carryOut(_ journal: Journal, from aside: URL, in base: URL) throws(FileError)
  {
    for place in journal.places {
      let (source, target) = (new(in: aside).appending(path: place), base.appending(path: place))
      guard fileExists(source) else { continue }
      try makeFolder(at: target.deletingLastPathComponent())
      try keepOld(place, from: aside, in: base)
      try move(source, to: target)
    }
    for place in journal.removed { try keepOld(place, from: aside, in: base) }
  }

  /// Moves what is in a place out of the way; it is deleted with the folder, or moved back if the
  /// change fails.
  private static func keepOld(_ place: String, from aside: URL, in base: URL) throws(FileError) {
    let (target, old) = (base.appending(path: place), aside.appending(path: "old/\(place)"))
    guard fileExists(target) else { return }
    try makeFolder(at: old.deletingLastPathComponent())
    try removeAll(at: old)
    // A file is never without its name: the new one is renamed over it.
    let isReplaced = fileExists(new(in: aside).appending(path: place))
    if isReplaced, !isFolder(target), link(target.path, old.path) == 0 { return }
    try move(target, to: old)
  }

  private static func undo(_ journal: Journal, from aside: URL, in base: URL) -> Bool {
    let old = aside.appending(path: "old")
    for place in (journal.places + journal.removed).reversed() {
      let (target, kept) = (base.appending(path: place), old.appending(path: place))
      let isMoved =
        journal.places.contains(place) && !fileExists(new(in: aside).appending(path: place))
      do throws(FileError) {
        if isMoved { try removeAll(at: target) }
        if fileExists(kept) { try move(kept, to: target) }
      } catch { return false }
    }
    return true
  }

  private static func move(_ source: URL, to target: URL) throws(FileError) {
    if rename(source.path, target.path) == 0 { return }
    guard errno == EXDEV else {
      throw .cannotWrite(path: target.path, reason: systemReason())
    }
    // A model's folder may be a link to another disk.
    let copy = target.deletingLastPathComponent()
      .appending(path: TemporaryName.fresh(for: target.lastPathComponent))
    do { try FileManager.default.copyItem(at: source, to: copy) } catch {
      try? FileManager.default.removeItem(at: copy)
      throw .cannotWrite(path: target.path, reason: systemReason(of: error))
    }
    guard rename(copy.path, target.path) == 0 else {
      let reason = systemReason()
      try? FileManager.default.removeItem(at: copy)
      throw .cannotWrite(path: target.path, reason: reason)
    }
    try removeAll(at: source)
  }
}

/// A lock file that is held as long as the object exists.
private final class HeldLock: Sendable {
  private let lock: MakerLock

  /// Creates and locks the file; nil if its folder or the file was swept in the meantime.
  init?(on file: URL) throws(FileError) {
    let descriptor = open(file.path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else {
      if errno == ENOENT { return nil }
      throw .cannotWrite(path: file.path, reason: systemReason())
    }
    defer { close(descriptor) }
    guard let lock = MakerLock(on: descriptor) else { return nil }
    self.lock = lock
  }
}
