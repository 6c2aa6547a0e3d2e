package import Foundation
import HostSystem

/// Checks one of the folders that nnU-Net's variables name.
package struct FolderCheck: Sendable {
  /// The variable's name.
  package var variable: String
  /// The content of the folder.
  package var purpose: String
  /// The folder it names; nil if it is not set.
  package var folder: URL?
  /// The space that should be free, bytes.
  package var wantedSpace: Int

  package init(variable: String, purpose: String, folder: URL?, wantedSpace: Int) {
    self.variable = variable
    self.purpose = purpose
    self.folder = folder
    self.wantedSpace = wantedSpace
  }

  /// Whether it is set, exists or can be created, is writable and has enough free space.
  package func findings() -> [Finding] {
    guard let folder else {
      return [
        Finding(
          variable, .broken, "not set: there is no folder for \(purpose)",
          advice: "export \(variable)=/a/folder   (and add the line to ~/.bashrc)")
      ]
    }
    guard fileExists(folder) else { return [missing(folder)] }
    guard isFolder(folder) else {
      return [
        Finding(
          variable, .broken, "\(folder.path) is a file",
          advice: "Set \(variable) to a folder for \(purpose).")
      ]
    }
    if let reason = reasonNotWritable(folder) {
      return [
        Finding(
          variable, .broken, "cannot write to \(folder.path): \(reason)",
          advice: "Make it yours (chown, chmod, remount), or set \(variable) to another folder.")
      ]
    }
    return [space(folder)]
  }

  private func missing(_ folder: URL) -> Finding {
    var parent = folder.deletingLastPathComponent()
    while !fileExists(parent), parent.path != "/" { parent.deleteLastPathComponent() }
    guard access(parent.path, W_OK) == 0 else {
      return Finding(
        variable, .broken, "\(folder.path) does not exist and cannot be created in \(parent.path)",
        advice: "Create it (mkdir -p), or set \(variable) to another folder.")
    }
    return Finding(
      variable, .note, "\(folder.path) does not exist yet; it is created when needed",
      advice: "If you expected data in it, check the path.")
  }

  /// Writes a file and removes it: only this reveals permissions, read-only disks and quotas.
  private func reasonNotWritable(_ folder: URL) -> String? {
    let file = folder.appending(path: ".nnunet-doctor-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: file) }
    do {
      try AtomicFile.write(Data("test".utf8), to: file)
      return nil
    } catch {
      guard case .cannotWrite(_, let reason) = error else { return error.message }
      return reason
    }
  }

  private func space(_ folder: URL) -> Finding {
    var status = statvfs()
    guard statvfs(folder.path, &status) == 0 else {
      return Finding(variable, .note, "\(folder.path): its free space is not known")
    }
    let free = Int(clamping: UInt64(status.f_bavail) * UInt64(status.f_frsize))
    let text = "\(folder.path), writable, \(bytesText(free)) free"
    guard free < wantedSpace else { return Finding(variable, .ok, text) }
    return Finding(
      variable, .warning, text,
      advice:
        "\(purpose) often need \(bytesText(wantedSpace)) or more: free space, or use another disk.")
  }
}
