/// A model that others have trained and that can be downloaded.
package struct PretrainedModel: Codable, Hashable, Sendable {
  /// The task's name, by which the model is asked for.
  package var name: String
  /// What is segmented, and in whose data, in one line.
  package var description: String
  /// What is found.
  package var targets: [String]
  /// What the images must be, in the order of `_0000`, `_0001`, ….
  package var channels: [String]
  /// Where the data that it was trained on, and their licence, are described.
  package var source: String
  /// The licence of the data that it was trained on; nil if it has to be looked up at the source.
  package var licence: String?
  /// The trainers of the models, where they are not the standard ones.
  package var trainers: [String]?
  /// What else one has to know.
  package var note: String?
  /// The archives, installed one after the other.
  package var files: [File]

  package init(
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
  package struct File: Codable, Hashable, Sendable {
    /// Its address; a relative one begins where the index is.
    package var url: String
    /// The same file elsewhere, in the order in which it is tried.
    package var mirrors: [String]?
    /// `md5:…` or `sha256:…`; without one the checksum that the server announces is used.
    package var checksum: String?

    package init(url: String, mirrors: [String]? = nil, checksum: String? = nil) {
      self.url = url
      self.mirrors = mirrors
      self.checksum = checksum
    }
  }
}

extension PretrainedModel {
  /// What a user has to know before using the model.
  package var summary: String {
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
