package import Foundation

/// A hidden file or folder that is being made, or that a killed run left incomplete.
package struct Leftover: Hashable, Sendable {
  /// Its state.
  package enum State: Hashable, Sendable {
    /// Its maker is still running, or that is unknown.
    case inUse
    /// Nobody is making it any more.
    case abandoned
    /// A change of several files that was started, but not completed.
    case interrupted
  }

  package let url: URL
  package let state: State
  /// The space that it takes on the disk.
  package let bytes: Int

  /// Examines a file or folder; nil if its name is not a temporary one.
  package init?(at url: URL) {
    guard TemporaryName.matches(url.lastPathComponent) else { return nil }
    self.url = url
    bytes = diskBytes(of: url)
    guard let claim = Claim(on: url) else {
      state = .inUse
      return
    }
    state = claim.isSealed ? .interrupted : .abandoned
  }

  /// Examines a folder in which versions before 1.0 made files; nil if it is not one.
  ///
  /// They held no locks: only its age shows whether anybody still works there.
  package init?(ofEarlierVersionAt url: URL) {
    let name = url.lastPathComponent.utf8
    let isOne =
      [".installing-", ".exporting-"].contains { name.starts(with: $0.utf8) }
      || name.first == UInt8(ascii: ".") && name.suffix(8).elementsEqual(".partial".utf8)
    guard isOne, isFolder(url) else { return nil }
    self.url = url
    bytes = diskBytes(of: url)
    var status = stat()
    let isOld =
      lstat(url.path, &status) == 0
      && Date().timeIntervalSince1970 - Double(status.st_mtim.tv_sec) > 3600
    state = isOld ? .abandoned : .inUse
  }

  /// Those directly in a folder, in the order of their names.
  package static func all(in folder: URL) -> [Leftover] {
    names(in: folder).compactMap { Leftover(at: folder.appending(path: $0)) }
  }

  fileprivate static func names(in folder: URL) -> [String] {
    // lint: hidden names
    ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [])
      .filter(TemporaryName.matches).sorted()
  }
}

/// Deletes the incomplete leftovers of killed runs in a folder, and completes what they had
/// decided.
///
/// Files of a living process are not touched: it holds a lock. If a file system does not support
/// locks, nothing is touched, nor are another machine's files of the last hour and its folders of
/// the last day.
///
/// - Parameters:
///   - folder: Only this folder is searched, not the folders in it.
///   - reporter: Receives what was done.
package func sweepLeftovers(in folder: URL, reporter: some Reporter) {
  var (count, bytes) = (0, 0)
  for name in Leftover.names(in: folder) {
    let url = folder.appending(path: name)
    guard let claim = Claim(on: url) else { continue }
    do throws(FileError) {
      if claim.isSealed {
        let places = try StagedChange.finish(url, in: folder)
        reporter.note(
          "An earlier run was killed before it could put \(places.joined(separator: ", ")) in"
            + " \(folder.path) into place: done now.")
        continue
      }
      let size = diskBytes(of: url)
      try removeAll(at: url)
      (count, bytes) = (count + 1, bytes + size)
    } catch {
      reporter.warn(error.message)
    }
  }
  if count > 0 {
    reporter.note(
      "removed \(countText(bytes, "byte")) in \(countText(count, "file")) that killed runs had left"
        + " half-written in \(folder.path)")
  }
}

/// The right to sweep something while this object exists.
private struct Claim: ~Copyable {
  private let descriptor: Int32
  let isSealed: Bool

  init?(on url: URL) {
    var status = stat()
    guard lstat(url.path, &status) == 0 else { return nil }
    let kind = status.st_mode & S_IFMT
    let flags = O_RDWR | O_CLOEXEC | O_NOFOLLOW
    let opened: Int32
    switch kind {
    case S_IFREG: opened = open(url.path, flags)
    case S_IFDIR: opened = open(StagedChange.lockFile(in: url).path, flags | O_CREAT, 0o666)
    default: return nil
    }
    guard opened >= 0 else { return nil }
    // A folder's own date says nothing about the files deeper in it.
    let hours = kind == S_IFDIR ? 24.0 : 1
    let isOld = Date().timeIntervalSince1970 - Double(status.st_mtim.tv_sec) > hours * 3600
    guard flock(opened, LOCK_EX | LOCK_NB) == 0,
      isOld || TemporaryName.isOfThisMachine(url.lastPathComponent)
    else {
      close(opened)
      return nil
    }
    descriptor = opened
    isSealed = kind == S_IFDIR && StagedChange.isSealed(url)
  }

  deinit { close(descriptor) }
}

/// The disk space of a file, or of a folder with everything in it.
func diskBytes(of url: URL) -> Int {
  var status = stat()
  guard lstat(url.path, &status) == 0 else { return 0 }
  guard status.st_mode & S_IFMT == S_IFDIR else { return Int(status.st_size) }
  // lint: all count
  let names = (try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []
  return names.reduce(0) { $0 + diskBytes(of: url.appending(path: $1)) }
}

func removeAll(at url: URL) throws(FileError) {
  do { try FileManager.default.removeItem(at: url) } catch {
    guard !fileExists(url) else {
      throw .cannotWrite(path: url.path, reason: "it cannot be deleted: \(systemReason(of: error))")
    }
  }
}
