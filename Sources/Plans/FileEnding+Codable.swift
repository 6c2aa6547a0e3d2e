package import HostSystem

/// An ending is a text; only those of formats that can be read are taken.
extension FileEnding: Codable {
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let ending = FileEnding(text) else {
      throw DecodingError.dataCorruptedError(
        in: container,
        debugDescription:
          "\"\(text)\" is the ending of no format; known are \(FileEnding.knownList)")
    }
    self = ending
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }
}
