/// A model that others have trained and that can be downloaded.
public struct PretrainedModel: Codable, Hashable, Sendable {
  /// The task's name, by which the model is asked for.
  public var name: String
  /// What is segmented, and in whose data, in one line.
  public var description: String
  /// What is found.
  public var targets: [String]
  /// What the images must be, in the order of `_0000`, `_0001`, ….
  public var channels: [String]
  /// Where the data that it was trained on, and their licence, are described.
  public var source: String
  /// The licence of the data that it was trained on; nil where it has to be looked up at the source.
  public var licence: String?
  /// The trainers of the models, where they are not the standard ones.
  public var trainers: [String]?
  /// What else one has to know.
  public var note: String?
  /// The archives, installed one after the other.
  public var files: [File]

  public init(
    name: String, description: String, targets: [String], channels: [String], source: String,
    files: [File]
  ) {
    self.name = name
    self.description = description
    self.targets = targets
    self.channels = channels
    self.source = source
    self.files = files
  }

  /// An archive with one model or several.
  public struct File: Codable, Hashable, Sendable {
    /// Its address; a relative one begins where the index is.
    public var url: String
    /// The same file elsewhere, in the order in which it is tried.
    public var mirrors: [String]?
    /// `md5:…` or `sha256:…`; without one the checksum that the server announces is used.
    public var checksum: String?

    public init(url: String, mirrors: [String]? = nil, checksum: String? = nil) {
      self.url = url
      self.mirrors = mirrors
      self.checksum = checksum
    }
  }
}

extension PretrainedModel {
  /// What a user has to know before using the model.
  public var summary: String {
    var lines = [
      "\(description).",
      "Segments: \(targets.joined(separator: ", "))",
      "Input: "
        + channels.enumerated().map { channel in
          let number = String(channel.offset)
          return "_" + String(repeating: "0", count: max(4 - number.count, 0)) + number + " "
            + channel.element
        }.joined(separator: ", "),
      "Data: \(source)",
      "Licence of the data: \(licence ?? "not recorded here; look it up at the address above")",
    ]
    if let trainers { lines.append("Trainers: \(trainers.joined(separator: ", "))") }
    if let note { lines.append("Note: \(note)") }
    return lines.joined(separator: "\n")
  }
}
