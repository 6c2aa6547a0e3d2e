/// How the names of images end, such as `.nii.gz`: it tells the format, and what stands before it is the name.
///
/// Datasets and models have one (`file_ending` in `dataset.json`); without the entry it is ``standard``.
package struct FileEnding: Hashable, Sendable, CustomStringConvertible {
  /// The ending with its first point, as it stands in names.
  package let text: String

  package static let standard = FileEnding(known: ".nii.gz")

  /// The endings of all formats; one that ends with another stands before it.
  package static let known = [
    ".nii.gz", ".nii", ".seg.nrrd", ".nrrd", ".nhdr", ".mha", ".mhd", ".gipl.gz", ".gipl", ".png",
    ".bmp", ".tiff", ".tif",
  ]

  /// The endings of all formats as a sentence lists them.
  package static var knownList: String {
    known.dropLast().joined(separator: ", ") + " and " + known[known.count - 1]
  }

  private init(known text: String) { self.text = text }

  /// An ending that somebody wrote; nil if it is that of no format.
  ///
  /// Capital letters are kept, since they belong to the names, and do not matter for the format.
  package init?(_ text: String) {
    guard Self.known.contains(text.lowercased()) else { return nil }
    self.text = text
  }

  /// The ending of a file's name; nil if it is that of no format.
  package init?(ofName name: String) {
    let lowered = name.lowercased()
    // Lowercasing keeps the number of bytes of ASCII; other letters do not stand in an ending.
    guard let ending = Self.known.first(where: { lowered.ends(with: $0) }) else { return nil }
    self.text = String(decoding: name.utf8.suffix(ending.utf8.count), as: UTF8.self)
  }

  package var description: String { text }

  /// The ending in small letters, as formats are told by.
  package var format: String { text.lowercased() }

  /// What stands before the ending in a file's name; nil if the name ends otherwise.
  package func stem(of name: some StringProtocol) -> String? {
    let name = String(name)
    guard let stem = name.dropping(suffix: text), !stem.isEmpty else { return nil }
    return String(stem)
  }

  /// The name of a case's segmentation, such as `CASE.nii.gz`.
  package func fileName(of identifier: String) -> String { identifier + text }
}
