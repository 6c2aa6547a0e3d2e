/// The ending of images' names, such as `.nii.gz`: it determines the format, and the part before it
/// is the name.
///
/// Datasets and models have one (`file_ending` in `dataset.json`); without the entry, it is
/// ``standard``.
package struct FileEnding: Hashable, Sendable, CustomStringConvertible {
  /// The ending with its first point, as in names.
  package let text: String

  package static let standard = FileEnding(known: ".nii.gz")

  /// The endings of all formats; one that ends with another comes before it.
  package static let known = [
    ".nii.gz", ".nii", ".seg.nrrd", ".nrrd", ".nhdr", ".mha", ".mhd", ".gipl.gz", ".gipl", ".png",
    ".bmp", ".tiff", ".tif",
  ]

  /// The endings of all formats, for a sentence.
  package static var knownList: String {
    known.dropLast().joined(separator: ", ") + " and " + known[known.count - 1]
  }

  private init(known text: String) { self.text = text }

  /// The ending for a text; nil if it does not belong to any format.
  ///
  /// Capital letters are kept because they belong to the names, but they do not affect the format.
  package init?(_ text: String) {
    guard Self.known.contains(text.lowercased()) else { return nil }
    self.text = text
  }

  /// The ending of a file's name; nil if it does not belong to any format.
  package init?(ofName name: String) {
    let lowered = name.lowercased()
    // Lowercasing keeps the number of bytes of ASCII; other letters do not occur in endings.
    guard let ending = Self.known.first(where: { lowered.ends(with: $0) }) else { return nil }
    self.text = String(decoding: name.utf8.suffix(ending.utf8.count), as: UTF8.self)
  }

  package var description: String { text }

  /// The ending in lower case, which determines the format.
  package var format: String { text.lowercased() }

  /// The part of a file's name before the ending; nil if the name ends differently.
  package func stem(of name: some StringProtocol) -> String? {
    let name = String(name)
    guard let stem = name.dropping(suffix: text), !stem.isEmpty else { return nil }
    return String(stem)
  }

  /// The name of a case's segmentation, such as `CASE.nii.gz`.
  package func fileName(of identifier: String) -> String { identifier + text }
}
