import Foundation
import HostSystem

/// Checks that the disk of a folder has room for what will be written there.
///
/// - Parameters:
///   - bytes: What will be written in addition to what is there.
///   - purpose: What it is, for the message.
///   - reporter: Told of it where the number is an upper bound and the work goes on; nil throws.
/// - Throws: ``PreprocessingError/notEnoughSpace(folder:needed:available:purpose:)``.
func requireSpace(
  _ bytes: Int, in folder: URL, for purpose: String,
  warning reporter: (any HostSystem.ProgressReporting)? = nil
) throws(PreprocessingError) {
  guard let available = freeSpace(in: folder), bytes > available else { return }
  let problem = PreprocessingError.notEnoughSpace(
    folder: folder.path, needed: bytes, available: available, purpose: purpose)
  guard let reporter else { throw problem }
  reporter.warn(problem.message)
}
