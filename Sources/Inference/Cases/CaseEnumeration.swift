package import Foundation
package import HostSystem
import Imaging

/// The cases of a folder of images named `CASE_XXXX.nii.gz`, where XXXX is the channel.
///
/// If the files of a case do not match the model, this is reported with its reason; the other cases
/// are still predicted.
package struct CaseEnumeration: Hashable, Sendable {
  /// The cases whose files are complete, by identifier.
  package var cases: [ImageCase]
  /// The cases that cannot be predicted, by identifier.
  package var problems: [CaseFailure]
  /// The number of channels of each case, by identifier; without those whose names have no channel.
  package var channelCounts: [String: Int] = [:]
  private var ending = FileEnding.standard

  /// Lists the cases of `folder`.
  ///
  /// - Parameters:
  ///   - folder: Contains the images of all cases; hidden files are ignored.
  ///   - channelCount: The number of channels that the model expects.
  ///   - ending: How the names of the images end; with ``FileEnding/standard`` also `.nii`.
  /// - Throws: ``InferenceError/noImages(folder:)`` when there is no image at all, and
  ///   ``InferenceError/otherEnding(folder:found:expected:)`` when there are some of another format.
  package init(
    folder: URL, channelCount: Int, ending: FileEnding = .standard
  ) throws {
    let names = try fileNames(in: folder)
    let images = names.compactMap { ImageName($0, ending: ending) }.sorted {
      ($0.identifier, $0.file) < ($1.identifier, $1.file)
    }
    self.ending = ending
    guard !images.isEmpty else {
      let other = FileEnding(ofImagesAmong: names)
      if other.format != ending.format, names.contains(where: { $0.ends(with: other.text) }) {
        throw InferenceError.otherEnding(
          folder: folder.path, found: other.text, expected: ending.text)
      }
      guard ending == .standard else {
        throw InferenceError.noFiles(folder: folder.path, ending: ending.text)
      }
      throw InferenceError.noImages(folder: folder.path, near: Self.almostImages(names))
    }
    cases = []
    problems = []
    for (identifier, images) in Dictionary(grouping: images, by: \.identifier) {
      let channels = images.compactMap(\.channel)
      var count = Set(channels).count
      if ending.holdsChannels, count != channelCount {
        count =
          Self.channelCount(of: images.map { folder.appendingPathComponent($0.file) }) ?? count
      }
      if channels.count == images.count { channelCounts[identifier] = count }
      let isJoined = count == channelCount && channels.sorted() == Array(0..<images.count)
      if !isJoined, let reason = Self.problem(of: images, channelCount: channelCount, ending) {
        problems.append(CaseFailure(identifier: identifier, reason: reason))
      } else {
        let files = images.sorted { $0.channel ?? 0 < $1.channel ?? 0 }.map {
          folder.appendingPathComponent($0.file)
        }
        cases.append(ImageCase(identifier: identifier, imageFiles: files))
      }
    }
    cases.sort { $0.identifier < $1.identifier }
    problems.sort { $0.identifier < $1.identifier }
  }

  /// Names that would be images if not for capital letters or a space at their end.
  private static func almostImages(_ names: [String]) -> [String] {
    names.filter { name in
      let plain = name.lowercased().trimmingCharacters(in: .whitespacesAndNewlines)
      return plain.ends(with: ".nii.gz") || plain.ends(with: ".nii")
    }
  }

  /// The cases and problems for one of several machines that share the work: every `count`th of all
  /// identifiers in order, beginning with `part`.
  package func part(_ part: Int, of count: Int) -> CaseEnumeration {
    let all = (cases.map(\.identifier) + problems.map(\.identifier)).sorted()
    let chosen = Set(stride(from: part, to: all.count, by: count).map { all[$0] })
    var result = self
    result.cases.removeAll { !chosen.contains($0.identifier) }
    result.problems.removeAll { !chosen.contains($0.identifier) }
    result.channelCounts = channelCounts.filter { chosen.contains($0.key) }
    return result
  }

  /// A warning about cases with another number of channels than the model, and what to do.
  ///
  /// - Parameter names: The names of the model's channels, by number.
  /// - Returns: The text of a warning; nil if every case has as many channels as the model.
  package func channelWarning(names: [Int: String]) -> String? {
    let unlike = Dictionary(grouping: channelCounts.keys) { channelCounts[$0] ?? 0 }
      .filter { $0.key != names.count }.mapValues { $0.sorted() }
    guard !unlike.isEmpty else { return nil }
    let groups = unlike.sorted { $0.key < $1.key }.map { count, cases in
      let named = cases.prefix(3).joined(separator: ", ") + (cases.count > 3 ? ", …" : "")
      return "\(countText(cases.count, "case")) with \(countText(count, "channel")) (\(named))"
    }
    let files = names.sorted { $0.key < $1.key }.map {
      "CASE_\($0.key.zeroPadded(to: 4))\(ending) (\($0.value))"
    }
    let total = unlike.values.reduce(0) { $0 + $1.count }
    return "the model expects \(countText(names.count, "channel")), \(total) of "
      + "\(countText(cases.count + problems.count, "case")) differ: "
      + groups.joined(separator: "; ") + ". They are not predicted. Give each case "
      + files.joined(separator: ", ") + ", or choose a model that was trained with these channels."
  }

  /// The channels that files have together; nil where one cannot be read.
  private static func channelCount(of files: [URL]) -> Int? {
    var count = 0
    for file in files {
      guard let header = try? VolumeFile.readHeader(at: file) else { return nil }
      count += header.channels
    }
    return count
  }

  private static func problem(
    of images: [ImageName], channelCount: Int, _ ending: FileEnding
  ) -> String? {
    if images.contains(where: { $0.channel == nil }) {
      return "the name \(images[0].file) does not end with a channel, such as _0000\(ending)"
    }
    let channels = images.compactMap(\.channel)
    let missing = (0..<channelCount).filter { !channels.contains($0) }
    let surplus = images.filter { ($0.channel ?? 0) >= channelCount }
    let expectation = "the model expects \(countText(channelCount, "channel"))"
    if !missing.isEmpty {
      let files = missing.map { "\(images[0].identifier)_\($0.zeroPadded(to: 4))\(ending)" }
      return "\(files.joined(separator: ", ")) is missing: \(expectation)"
    }
    if !surplus.isEmpty {
      return "\(surplus.map(\.file).joined(separator: ", ")) is one too many: \(expectation)"
    }
    guard Set(channels).count == channels.count else {
      return "a channel exists twice: \(images.map(\.file).joined(separator: ", "))"
    }
    return nil
  }
}

/// The files of one case, one per channel in order.
package struct ImageCase: Hashable, Sendable {
  package var identifier: String
  package var imageFiles: [URL]

  package init(identifier: String, imageFiles: [URL]) {
    self.identifier = identifier
    self.imageFiles = imageFiles
  }
}

/// The parts of a file name; nil for files that are not images with the ending.
private struct ImageName {
  let file: String
  let identifier: String
  /// Nil when the name does not end with four digits after an underscore.
  let channel: Int?

  init?(_ file: String, ending: FileEnding) {
    let uncompressed = ending == .standard ? file.dropping(suffix: ".nii") : nil
    guard let stem = file.dropping(suffix: ending.text) ?? uncompressed else { return nil }
    self.file = file
    let digits = stem.unicodeScalars.suffix(4)
    if stem.utf8.count > 5, digits.allSatisfy(\.isASCIIDigit),
      let name = stem.dropping(suffix: "_" + String(digits))
    {
      identifier = String(name)
      channel = Int(String(digits))
    } else {
      identifier = String(stem)
      channel = nil
    }
  }
}
