package import Plans

/// The parts of a v2 `dataset.json` that describe a network's inputs and the meaning of its
/// outputs.
package struct V2Dataset: Decodable, Hashable, Sendable {
  /// The name of each channel.
  package var channelNames: [Int: String]
  /// The foreground labels, ascending, without the ignore label.
  package var foregroundLabels: [Int]
  /// The label of each region in the order of the outputs; nil if labels exclude each other.
  package var regionsClassOrder: [Int]?
  /// The file ending of the images.
  package var fileEnding: String

  enum CodingKeys: String, CodingKey {
    case labels, modality
    case channelNames = "channel_names"
    case regionsClassOrder = "regions_class_order"
    case fileEnding = "file_ending"
  }

  /// A label's number, or the numbers of the labels in a region.
  private struct Members: Decodable {
    var numbers: [Int]
    var isList = false

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let number = try? container.decode(Int.self) {
        numbers = [number]
      } else {
        numbers = try container.decode([Int].self)
        isList = numbers.count > 1
      }
    }
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    func invalid(_ key: CodingKeys, _ problem: String) -> DecodingError {
      .dataCorruptedError(forKey: key, in: container, debugDescription: problem)
    }
    channelNames =
      try container.decodeIfPresent([Int: String].self, forKey: .channelNames)
      ?? container.decode([Int: String].self, forKey: .modality)
    fileEnding = try container.decodeIfPresent(String.self, forKey: .fileEnding) ?? ".nii.gz"
    var labels = try container.decode([String: Members].self, forKey: .labels)
    labels["ignore"] = nil
    guard let background = labels["background"], background.numbers == [0] else {
      throw invalid(.labels, "there must be a label \"background\" with the number 0")
    }
    let all = Set(labels.values.flatMap(\.numbers)).sorted()
    guard all == Array(0..<all.count), all.count > 1, all.count <= 256 else {
      throw invalid(.labels, "the labels must be 0, 1, 2, … up to 255 at most, found \(all)")
    }
    foregroundLabels = Array(all.dropFirst())
    if labels.values.contains(where: \.isList) {
      let order = try container.decode([Int].self, forKey: .regionsClassOrder)
      guard order.count == labels.count - 1, order.allSatisfy({ 0...255 ~= $0 }) else {
        throw invalid(.regionsClassOrder, "it must have one label for each region")
      }
      regionsClassOrder = order
    }
    guard channelNames.keys.sorted() == Array(0..<channelNames.count), !channelNames.isEmpty else {
      throw invalid(.channelNames, "it must have the keys 0, 1, …")
    }
  }

  /// What the outputs of a network mean.
  package var scheme: LabelScheme { LabelScheme(regionsClassOrder: regionsClassOrder) }

  /// The number of outputs of a network.
  package var outputCount: Int {
    scheme.outputCount(foregroundLabelCount: foregroundLabels.count)
  }
}
