package import Foundation

/// The names in a folder that concern the user: no hidden ones, such as those that macOS and
/// editors leave (`._case.nii.gz`, `.DS_Store`) and the program's own unfinished files.
///
/// - Parameter folder: The folder.
/// - Returns: The names, including those of folders, in ascending order of their bytes.
/// - Throws: ``FileError/cannotRead(path:reason:)``.
package func visibleNames(in folder: URL) throws(FileError) -> [String] {
  let names: [String]
  do {
    names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
  } catch {
    guard fileExists(folder) else { throw missingFile(folder, reason: "there is no such folder") }
    throw .cannotRead(
      path: folder.path,
      reason: isFolder(folder) ? systemReason(of: error) : "it is a file, not a folder")
  }
  return names.filter { !$0.begins(with: ".") }
    .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
}

/// Lists the files in a folder, without hidden ones and without folders, whatever their names are.
///
/// - Parameters:
///   - folder: The folder.
///   - suffix: The end of the names; empty for all.
/// - Returns: The names, with their suffix.
/// - Throws: ``FileError/cannotRead(path:reason:)`` if the folder is missing or may not be read.
package func fileNames(in folder: URL, endingWith suffix: String = "") throws(FileError) -> [String]
{
  try visibleNames(in: folder).filter {
    $0.ends(with: suffix) && !isFolder(folder.appending(path: $0))
  }
}

/// The names of the folders in a folder; no hidden ones.
///
/// - Throws: ``FileError/cannotRead(path:reason:)``.
package func folderNames(in folder: URL) throws(FileError) -> [String] {
  try visibleNames(in: folder).filter { isFolder(folder.appending(path: $0)) }
}
