public import Foundation

/// The three folders that nnU-Net's environment variables name, and everything's place below them.
///
/// The folders are values; who reads the environment is the command line. A folder may be nil:
/// asking for a path below it throws ``WorkspaceError`` that names the variable.
public struct Workspace: Hashable, Sendable {
  /// `nnUNet_raw_data_base`.
  public var rawDataBase: URL?
  /// `nnUNet_preprocessed`.
  public var preprocessed: URL?
  /// `RESULTS_FOLDER`.
  public var results: URL?

  public init(rawDataBase: URL?, preprocessed: URL?, results: URL?) {
    self.rawDataBase = rawDataBase
    self.preprocessed = preprocessed
    self.results = results
  }
}
