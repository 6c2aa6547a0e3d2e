import Foundation
import JSON
import Plans
import TestSupport
import Testing

@Suite struct DatasetDescriptionTests {
  private let text = """
    {"name": "Brains", "release": 2, "modality": {"0": "FLAIR", "1": "CT"},
     "labels": {"2": "tumor", "0": "background", "1": 7, "10": "skull"}, "numTraining": 99,
     "training": [{"image": "./imagesTr/case_a.nii.gz", "label": "./labelsTr/case_a.nii.gz"}],
     "test": ["./imagesTs/case_t.nii.gz"]}
    """

  @Test func keepsTheOrderOfLabels() throws {
    let dataset = try decode(text)
    #expect(dataset.foregroundLabels == [2, 1, 10])
    #expect(dataset.labels == [0: "background", 1: "7", 2: "tumor", 10: "skull"])
    #expect(dataset.channelNames == [0: "FLAIR", 1: "CT"])
    #expect(dataset.release == "2")
    #expect(dataset.licence == "")
    #expect(dataset.trainingIdentifiers == ["case_a"])
  }

  @Test func namesTheFilesOfACase() throws {
    let dataset = try decode(text)
    let task = URL(fileURLWithPath: "/raw/Task001_Brains")
    #expect(
      dataset.imageFiles(of: "case_a", in: task).map(\.path) == [
        "/raw/Task001_Brains/imagesTr/case_a_0000.nii.gz",
        "/raw/Task001_Brains/imagesTr/case_a_0001.nii.gz",
      ])
    #expect(
      dataset.imageFiles(of: "case_t", in: task, test: true).first?.path
        == "/raw/Task001_Brains/imagesTs/case_t_0000.nii.gz")
    #expect(
      dataset.labelFile(of: dataset.training[0], in: task).path
        == "/raw/Task001_Brains/labelsTr/case_a.nii.gz")
  }

  @Test func writesWhatItReads() throws {
    let dataset = DatasetDescription(
      name: "Phantoms", channelNames: [0: "MRI"], labels: [0: "background", 1: "organ"],
      training: [.init(identifier: "p_001")])
    let url = try temporaryFolder().appending(path: "dataset.json")
    try JSONFile.write(dataset, to: url)
    #expect(try DatasetDescription.read(from: url) == dataset)
    let json = try #require(
      JSONSerialization.jsonObject(with: Data(contentsOf: url)) as? [String: Any])
    #expect(json["numTraining"] as? Int == 1 && json["numTest"] as? Int == 0)
  }

  @Test(arguments: ["modality", "labels", "training"])
  func namesAMissingKey(key: String) {
    let other = text.replacingOccurrences(of: "\"\(key)\":", with: "\"other\":")
    #expect(throws: JSONError.missingKey(path: "dataset.json", key: key)) { try decode(other) }
  }

  @Test func namesAllThatIsWrongAtOnce() {
    let rules = [
      #""modality": expected an object, found "MRI""#, #"the key "labels" is missing"#,
      #""training": expected a list, found 7"#,
    ]
    #expect(throws: JSONError.rulesViolated(path: "dataset.json", rules: rules)) {
      try decode(#"{"modality": "MRI", "training": 7}"#)
    }
  }

  @Test(arguments: [
    (#"{"0": "FLAIR", "1": "CT"}"#, #"["MRI"]"#, "modality"),
    (#"{"0": "FLAIR", "1": "CT"}"#, #"{"1": "MRI"}"#, "modality"),
    (#"{"0": "FLAIR", "1": "CT"}"#, #"{}"#, "modality"),
    (#""2": "tumor""#, #""tumor": 2"#, "labels.tumor"),
    (#""2": "tumor""#, #""2": [1]"#, "labels.2"),
    (#""label": "./labelsTr/case_a.nii.gz""#, #""label": 3"#, "training.0.label"),
  ])
  func namesAnIllTypedKey(original: String, replacement: String, key: String) throws {
    #expect(text.contains(original))
    let error = try #require(throws: JSONError.self) {
      try decode(text.replacingOccurrences(of: original, with: replacement))
    }
    guard case .wrongValue("dataset.json", key, _) = error else {
      Issue.record("\(error)")
      return
    }
  }

  /// Files of cases are numbered from _0000 to _9999.
  @Test func moreChannelsThanFilesHaveNumbersAreRefused() throws {
    func dataset(channels: Int) throws -> DatasetDescription {
      let names = (0..<channels).map { "\"\($0)\": \"MRI\"" }.joined(separator: ", ")
      return try decode(
        text.replacingOccurrences(of: #""0": "FLAIR", "1": "CT""#, with: names))
    }
    let most = try dataset(channels: 10_000)
    #expect(most.channelNames.count == 10_000)
    #expect(DatasetDescription.channelFileName("a", channel: 9999) == "a_9999.nii.gz")
    let error = try #require(throws: JSONError.self) { try dataset(channels: 10_001) }
    #expect(error.message.contains("modality") && error.message.contains("10001 channels"))
    #expect(error.message.contains("_9999"), "\(error.message)")
  }

  private func decode(_ text: String) throws -> DatasetDescription {
    try JSONFile.decode(DatasetDescription.self, from: Data(text.utf8), path: "dataset.json")
  }
}
