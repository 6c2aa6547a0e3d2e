import Foundation
import HostSystem

/// Checks that the disk of a folder has enough space for what will be written there.
///
/// - Parameters:
///   - bytes: The size of what will be written in addition to existing files.
///   - folder: The folder; if the free space of its disk is not known, everything fits.
///   - purpose: What is written, for the message.
///   - reporter: Receives a warning instead of an error, if `bytes` is an upper bound; nil to
///     throw.
/// - Throws: ``PreprocessingError/notEnoughSpace(folder:needed:available:purpose:)``.
func requireSpace(
  _ bytes: Int, in folder: URL, for purpose: String,
  warning reporter: (any Reporter)? = nil
) throws(PreprocessingError) {
  guard let available = freeSpace(in: folder), bytes > available else { return }
  let problem = PreprocessingError.notEnoughSpace(
    folder: folder.path, needed: bytes, available: available, purpose: purpose)
  guard let reporter else { throw problem }
  reporter.warn(problem.message)
}
