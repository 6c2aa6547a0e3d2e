package import Foundation
package import HostSystem
import JSON

/// The content of a task's dataset.json: its channels, labels and cases.
package struct DatasetDescription: Codable, Hashable, Sendable {
  package var name: String
  package var description: String
  package var reference: String
  package var licence: String
  package var release: String
  /// "3D" or "4D"; informational.
  package var tensorImageSize: String
  /// The name of each channel, with the keys 0, 1, …; "CT" and "noNorm" have a meaning.
  package var channelNames: [Int: String]
  /// The name of each label value.
  package var labels: [Int: String] { didSet { labelOrder = labels.keys.sorted() } }
  package var training: [TrainingCase]
  /// Image paths without the channel's number, like those of the training cases.
  package var test: [String]
  /// How the names of images and labels end, which tells their format.
  package var fileEnding = FileEnding.standard
  private var labelOrder: [Int]

  /// A training case as dataset.json lists it.
  package struct TrainingCase: Codable, Hashable, Sendable {
    /// `./imagesTr/CASE.nii.gz`, without the channel's number.
    package var image: String
    /// `./labelsTr/CASE.nii.gz`.
    package var label: String

    package init(image: String, label: String) {
      self.image = image
      self.label = label
    }

    /// The listing of a case under nnU-Net's usual paths.
    package init(identifier: String) {
      self.init(
        image: "./imagesTr/\(identifier).nii.gz", label: "./labelsTr/\(identifier).nii.gz")
    }

    /// The name of the case: the image's file name without `.nii.gz`.
    package var identifier: String { caseIdentifier(ofListedImage: image) }
  }

  package init(
    name: String, description: String = "", reference: String = "", licence: String = "",
    release: String = "", tensorImageSize: String = "4D", channelNames: [Int: String],
    labels: [Int: String], training: [TrainingCase], test: [String] = []
  ) {
    self.name = name
    self.description = description
    self.reference = reference
    self.licence = licence
    self.release = release
    self.tensorImageSize = tensorImageSize
    self.channelNames = channelNames
    self.labels = labels
    self.training = training
    self.test = test
    labelOrder = labels.keys.sorted()
  }

  /// The largest label: segmentations are stored with eight bits per voxel.
  package static let largestLabel = 255
  /// The largest number of channels: files are numbered from `_0000` to `_9999`.
  package static let largestChannelCount = 10_000

  /// The labels above 0, in the order in which dataset.json lists them.
  package var foregroundLabels: [Int] { labelOrder.filter { $0 > 0 } }

  /// The names of the training cases, in the order of dataset.json.
  package var trainingIdentifiers: [String] { training.map(\.identifier) }

  /// Reads dataset.json.
  ///
  /// - Throws: `FileError` or ``JSONError`` naming the file and the key.
  package static func read(from url: URL) throws -> DatasetDescription {
    try JSONFile.read(DatasetDescription.self, from: url)
  }
}

/// The name of the case that dataset.json lists as `./imagesTr/CASE.nii.gz`.
package func caseIdentifier(ofListedImage path: String) -> String {
  let file = String(path.fileName)
  return FileEnding(ofName: file)?.stem(of: file) ?? file
}

// MARK: - Files

extension DatasetDescription {
  /// The image files of a training case in a raw task's folder: `imagesTr/CASE_0000.nii.gz`, ….
  ///
  /// There is one for each channel, or fewer where the format can hold several in a file.
  package func imageFiles(of identifier: String, in rawTask: URL, test: Bool = false) -> [URL] {
    let folder = rawTask.appending(path: test ? "imagesTs" : "imagesTr")
    let files = (0..<channelNames.count).map {
      folder.appending(path: Self.channelFileName(identifier, channel: $0, ending: fileEnding))
    }
    guard fileEnding.holdsChannels else { return files }
    // The first file may have the channels of those that are not there.
    let present = files.prefix(while: fileExists)
    return present.isEmpty ? files : Array(present)
  }

  /// The label file of a training case in a raw task's folder.
  package func labelFile(of trainingCase: TrainingCase, in rawTask: URL) -> URL {
    let file = String(trainingCase.label.fileName)
    return rawTask.appending(path: "labelsTr").appending(path: file)
  }

  /// `CASE_0000.nii.gz`: the file name of one channel of a case.
  package static func channelFileName(
    _ identifier: String, channel: Int, ending: FileEnding = .standard
  ) -> String {
    "\(identifier)_\(channel.zeroPadded(to: 4))\(ending)"
  }
}

// MARK: - Coding

extension DatasetDescription {
  enum CodingKeys: String, CodingKey {
    case name, description, reference, licence, release, tensorImageSize, labels, training, test
    case channelNames = "modality"
    case trainingCount = "numTraining"
    case testCount = "numTest"
    case fileEnding = "file_ending"
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    func text(_ key: CodingKeys) throws -> String {
      try container.decodeIfPresent(LooseText.self, forKey: key)?.text ?? ""
    }
    var problems = DecodingProblems()
    name = try problems.collect("") { try text(.name) }
    description = try problems.collect("") { try text(.description) }
    reference = try problems.collect("") { try text(.reference) }
    licence = try problems.collect("") { try text(.licence) }
    release = try problems.collect("") { try text(.release) }
    tensorImageSize = try problems.collect("") { try text(.tensorImageSize) }
    channelNames = try problems.collect([:]) { try Self.channelNames(in: container) }
    let labels = try problems.collect(NumberedNames()) {
      try NumberedNames(from: container, .labels)
    }
    self.labels = labels.names
    labelOrder = labels.order
    training = try problems.collect([]) {
      try container.decode([TrainingCase].self, forKey: .training)
    }
    test = try problems.collect([]) {
      try container.decodeIfPresent([String].self, forKey: .test) ?? []
    }
    fileEnding = try problems.collect(.standard) {
      try container.decodeIfPresent(FileEnding.self, forKey: .fileEnding) ?? .standard
    }
    try problems.throwIfAny()
  }

  private static func channelNames(
    in container: KeyedDecodingContainer<CodingKeys>
  ) throws -> [Int: String] {
    let channels = try NumberedNames(from: container, .channelNames)
    guard channels.order.sorted() == Array(0..<channels.order.count), !channels.order.isEmpty
    else {
      throw DecodingError.dataCorruptedError(
        forKey: .channelNames, in: container,
        debugDescription: "the channels must be numbered 0, 1, …, found \(channels.order)")
    }
    guard channels.names.count <= largestChannelCount else {
      throw DecodingError.dataCorruptedError(
        forKey: .channelNames, in: container,
        debugDescription: "there are \(channels.names.count) channels, but files of cases are"
          + " numbered from _0000 to _9999")
    }
    return channels.names
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(name, forKey: .name)
    try container.encode(description, forKey: .description)
    try container.encode(reference, forKey: .reference)
    try container.encode(licence, forKey: .licence)
    try container.encode(release, forKey: .release)
    try container.encode(tensorImageSize, forKey: .tensorImageSize)
    try container.encode(channelNames, forKey: .channelNames)
    try container.encode(labels, forKey: .labels)
    try container.encode(training, forKey: .training)
    try container.encode(test, forKey: .test)
    try container.encode(training.count, forKey: .trainingCount)
    try container.encode(test.count, forKey: .testCount)
    // nnU-Net v1 knows no other ending and has no such key.
    if fileEnding != .standard { try container.encode(fileEnding, forKey: .fileEnding) }
  }
}

/// An object from numbers to names (`{"0": "background"}`), with the order of its keys.
private struct NumberedNames {
  var names: [Int: String] = [:]
  var order: [Int] = []

  init() {}

  init<Keys: CodingKey>(from container: KeyedDecodingContainer<Keys>, _ key: Keys) throws {
    let entries = try container.nestedContainer(keyedBy: JSONPathKey.self, forKey: key)
    for entry in entries.allKeys {
      guard let number = Int(entry.stringValue) else {
        throw DecodingError.dataCorruptedError(
          forKey: entry, in: entries,
          debugDescription: "the key must be a whole number, as in {\"0\": \"background\"}")
      }
      if names.updateValue(try entries.decode(LooseText.self, forKey: entry).text, forKey: number)
        == nil
      {
        order.append(number)
      }
    }
  }
}

/// A text that people also write as a number (`"release": 1.0`).
private struct LooseText: Decodable {
  var text: String

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let integer = try? container.decode(Int.self) {
      text = String(integer)
    } else if let number = try? container.decode(Double.self) {
      text = String(number)
    } else {
      text = try container.decode(String.self)
    }
  }
}
