import Foundation
import HostSystem
import JSON

/// The spacing of a TIFF volume, which has its own file: `{"spacing": [z, y, x]}` in `CASE.json`.
enum TIFFSpacing {
  /// The spacing in mm, x, y, z; 1 if there is no such file.
  ///
  /// `url` is that of an image `CASE_0000.tif`, or of a segmentation `CASE.tif`.
  static func read(beside url: URL, isSegmentation: Bool) throws(ImagingError) -> [Double] {
    let file = file(beside: url, isSegmentation: isSegmentation)
    guard fileExists(file) else { return [1, 1, 1] }
    let spacing = try? JSONFile.decode(
      Content.self, from: JSONFile.readDocument(file), path: file.path
    )
    .spacing
    guard let spacing, spacing.count == 3, spacing.allSatisfy({ $0 > 0 && $0.isFinite }) else {
      throw .invalidHeader(
        path: file.path, field: "spacing", value: spacing.map { "\($0)" } ?? "missing",
        expected: "three positive numbers, the distances of slices, rows and columns in mm")
    }
    return spacing.reversed()
  }

  /// Writes the spacing; other content of a file with that name is kept.
  static func write(_ spacing: [Double], beside url: URL) throws(ImagingError) {
    let file = file(beside: url, isSegmentation: true)
    let text = JSONValue.array(spacing.reversed().map { .number($0) })
    var members: [JSONValue.Member] = []
    if case .object(let present) = try? JSONFile.readDocument(file) {
      members = present.filter { !$0.key.isExactly("spacing") }
    }
    members.append(JSONValue.Member(key: "spacing", value: text))
    do throws(FileError) {
      try JSONFile.writeDocument(.object(members), to: file)
    } catch {
      throw .file(error)
    }
  }

  private struct Content: Decodable {
    var spacing: [Double]
  }

  /// The file with the spacing.
  static func file(beside url: URL, isSegmentation: Bool) -> URL {
    let name = url.lastPathComponent
    var stem = FileEnding(ofName: name)?.stem(of: name) ?? name
    let digits = stem.unicodeScalars.suffix(4)
    if !isSegmentation, digits.count == 4, digits.allSatisfy(\.isASCIIDigit),
      let identifier = stem.dropping(suffix: "_" + String(digits))
    {
      stem = String(identifier)
    }
    return url.deletingLastPathComponent().appending(path: stem + ".json")
  }
}
