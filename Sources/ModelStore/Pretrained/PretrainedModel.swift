import HostSystem

/// A trained model that can be downloaded.
package struct PretrainedModel: Codable, Hashable, Sendable {
  /// The task's name, which is also the name of the model.
  package var name: String
  /// The structures and the data set, in one line.
  package var description: String
  /// What is found.
  package var targets: [String]
  /// The required images, in the order of `_0000`, `_0001`, ….
  package var channels: [String]
  /// Where its training data and their licence are described.
  package var source: String
  /// The licence of its training data; nil if it must be looked up at the source.
  package var licence: String?
  /// The trainers of the models, if they are not the standard ones.
  package var trainers: [String]?
  /// Further notes.
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

  /// An archive with one or more models.
  package struct File: Codable, Hashable, Sendable {
    /// Its address; a relative one starts at the index.
    package var url: String
    /// Other addresses of the same file, in the order of the attempts.
    package var mirrors: [String]?
    /// `md5:…` or `sha256:…`; without it, the checksum that the server announces is used.
    package var checksum: String?

    package init(url: String, mirrors: [String]? = nil, checksum: String? = nil) {
      self.url = url
      self.mirrors = mirrors
      self.checksum = checksum
    }
  }
}

extension PretrainedModel {
  /// What a user must know before using the model.
  package var summary: String {
    var lines = [
      "\(description).",
      "Segments: \(targets.joined(separator: ", "))",
      "Input: "
        + channels.enumerated().map { "_\($0.zeroPadded(to: 4)) \($1)" }.joined(separator: ", "),
      "Data: \(source)",
      "Licence of the data: \(licence ?? "not recorded here; look it up at the address above")",
    ]
    if let trainers { lines.append("Trainers: \(trainers.joined(separator: ", "))") }
    if let note { lines.append("Note: \(note)") }
    return lines.joined(separator: "\n")
  }
}
