package import Foundation
import HostSystem

/// Looks for incomplete leftovers of killed runs in the folders that nnU-Net's variables name.
package struct LeftoverCheck: Sendable {
  /// The folders; each is searched with all its subfolders.
  package var folders: [URL]
  /// The number of names after which the search ends, so that a disk with millions of files does
  /// not delay it.
  package var limit = 500_000

  package init(folders: [URL]) { self.folders = folders }

  /// One finding for what no running process is writing; none if there is nothing.
  package func findings() -> [Finding] {
    let (found, isWhole) = search()
    var findings: [Finding] = []
    if !found.isEmpty {
      let bytes = found.reduce(0) { $0 + $1.bytes }
      let shown = found.sorted { ($1.bytes, $0.url.path) < ($0.bytes, $1.url.path) }.prefix(10)
      let more = found.count - shown.count
      let lines = shown.map { "\n  \($0.url.path) (\(smallBytesText($0.bytes)))" }
      findings.append(
        Finding(
          "leftovers", .warning,
          "\(smallBytesText(bytes)) in \(countText(found.count, "file or folder", "files and folders"))"
            + " that killed runs left half-made:" + lines.joined()
            + (more > 0 ? "\n  and \(more) more" : ""),
          advice:
            "Run the killed command again: it completes or deletes them. If you do not want to, "
            + "delete them (rm -r)."))
    }
    if !isWhole {
      findings.append(
        Finding(
          "leftovers", .note,
          "only the first \(limit) files were searched for leftovers of killed runs"))
    }
    return findings
  }

  private func search() -> (found: [Leftover], isWhole: Bool) {
    var found: [String: Leftover] = [:]
    var count = 0
    for folder in folders {
      guard let names = FileManager.default.enumerator(atPath: folder.path)  // lint: hidden, too
      else { continue }
      for case let name as String in names {
        count += 1
        guard count <= limit else { return (Array(found.values), false) }
        let url = folder.appending(path: name)
        // One folder may be inside another.
        guard let leftover = Leftover(at: url) ?? Leftover(ofEarlierVersionAt: url) else {
          continue
        }
        names.skipDescendants()
        if leftover.state != .inUse { found[url.path] = leftover }
      }
    }
    return (Array(found.values), true)
  }
}
