package import Foundation

extension FileEnding {
  /// Whether a file may have several channels; else each channel has a file of its own.
  package var holdsChannels: Bool {
    ![".nii.gz", ".nii", ".gipl", ".gipl.gz"].contains(format)
  }

  /// The ending of a folder's images by the names of its files.
  ///
  /// Where some end with `.nii.gz`, the others are not looked at, and where some end with `.nii`, neither: pictures
  /// may lie beside images. Else it is the ending that most have, and ``standard`` where there are none.
  package init(ofImagesAmong names: [String]) {
    let endings = names.compactMap { FileEnding(ofName: $0) }
    for first in [".nii.gz", ".nii"] {
      guard let ending = endings.first(where: { $0.text.isExactly(first) }) else { continue }
      self = ending
      return
    }
    let counts = Dictionary(grouping: endings) { $0 }.mapValues(\.count)
    self =
      counts.max { ($0.value, $1.key.text) < ($1.value, $0.key.text) }?.key ?? .standard
  }

  /// The ending of a folder's images; ``standard`` where the folder cannot be read.
  package init(ofImagesIn folder: URL) {
    self.init(ofImagesAmong: (try? fileNames(in: folder)) ?? [])
  }

  /// The names of a folder's images with this ending, sorted; none if there is no such folder.
  package func names(in folder: URL) -> [String] {
    (try? fileNames(in: folder, endingWith: text)) ?? []
  }
}
