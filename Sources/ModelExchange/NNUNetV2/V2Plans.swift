import Arrays

/// The parts of a v2 `plans.json` that prediction needs.
package struct V2Plans: Decodable, Hashable, Sendable {
  package var transposeForward: [Int]
  package var transposeBackward: [Int]
  /// The class that reads and writes images.
  package var readerWriter: String?
  /// As written; see ``configuration(named:path:)``.
  var configurations: [String: V2Configuration]
  /// Foreground intensities per channel.
  package var intensities: [Int: Intensities]?
  /// The foreground intensities of one channel.
  package struct Intensities: Decodable, Hashable, Sendable {
    package var mean: Double
    package var median: Double?
    package var std: Double
    package var min: Double?
    package var max: Double?
    package var percentile0p5: Double
    package var percentile99p5: Double

    enum CodingKeys: String, CodingKey {
      case mean, median, std, min, max
      case percentile0p5 = "percentile_00_5"
      case percentile99p5 = "percentile_99_5"
    }
  }

  /// The intensities of a channel; empty if it does not need them.
  private struct Entry: Decodable {
    var intensities: Intensities?

    init(from decoder: any Decoder) throws {
      let keys = try decoder.container(keyedBy: Intensities.CodingKeys.self).allKeys
      intensities = keys.isEmpty ? nil : try Intensities(from: decoder)
    }
  }

  enum CodingKeys: String, CodingKey {
    case configurations
    case transposeForward = "transpose_forward"
    case transposeBackward = "transpose_backward"
    case readerWriter = "image_reader_writer"
    case intensities = "foreground_intensity_properties_per_channel"
    case olderIntensities = "foreground_intensity_properties_by_modality"
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    configurations = try container.decode([String: V2Configuration].self, forKey: .configurations)
    transposeForward = try container.decode([Int].self, forKey: .transposeForward)
    transposeBackward = try container.decode([Int].self, forKey: .transposeBackward)
    readerWriter = try container.decodeIfPresent(String.self, forKey: .readerWriter)
    let entries =
      try container.decodeIfPresent([Int: Entry].self, forKey: .intensities)
      ?? container.decodeIfPresent([Int: Entry].self, forKey: .olderIntensities)
    intensities = entries?.compactMapValues(\.intensities)
    guard transposeForward.sorted() == [0, 1, 2],
      transposeBackward == transposeForward.inversePermutation
    else {
      throw DecodingError.dataCorruptedError(
        forKey: .transposeForward, in: container,
        debugDescription: "it must hold 0, 1 and 2, and transpose_backward must undo it")
    }
  }

  /// A configuration with what it inherits.
  ///
  /// - Throws: ``ExchangeError/unexpectedContent(path:key:problem:)`` if the configuration, or one
  ///   that it inherits from, is missing, or if the inheritance is circular.
  package func configuration(
    named name: String, path: String
  ) throws(ExchangeError) -> V2Configuration {
    var seen: Set<String> = []
    var chain: [V2Configuration] = []
    var next: String? = name
    while let current = next {
      guard let found = configurations[current] else {
        throw .unexpectedContent(
          path: path, key: "configurations",
          problem:
            "there is no \(current), only \(configurations.keys.sorted().joined(separator: ", "))")
      }
      guard seen.insert(current).inserted else {
        throw .unexpectedContent(
          path: path, key: "configurations", problem: "\(current) inherits from itself")
      }
      chain.append(found)
      next = found.parent
    }
    return chain.dropLast().reversed().reduce(chain[chain.count - 1]) { $1.inheriting($0) }
  }
}
