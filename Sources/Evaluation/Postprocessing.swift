package import Foundation
package import HostSystem
package import Imaging
import JSON

/// Which components are removed from predictions: the content of `postprocessing.json`.
package struct Postprocessing: Hashable, Sendable {
  /// The structures of which only the largest component is kept, in the order of their removal.
  package var groups: [LabelGroup]
  /// The volume in mm³ from which a smaller component is also kept; nil keeps none.
  package var minimumVolumes: [LabelGroup: Double]?
  /// The mean Dice of each foreground label before anything is removed.
  package var rawDice: [Int: Double] = [:]
  /// The same with the foreground treated as one structure.
  package var jointDice: [Int: Double] = [:]
  /// The same with each label then treated separately; empty if there is only one.
  package var separateDice: [Int: Double] = [:]
  /// The number of cases that the decision is based on.
  package var caseCount = 0
  /// The name of the folder with the original predictions.
  package var rawFolder = ""
  /// The name of the folder of predictions after the removal.
  package var finalFolder = ""

  /// What identifies the trainings that it was determined with: a mark of each fold.
  ///
  /// The keys are `fold_0` and so on for a model, `MODEL/fold_0` for an ensemble. Empty if it is
  /// not known, as in files of v1.
  package var foldMarks: [String: String] = [:]

  /// The name of the file in a model's or an ensemble's folder.
  package static let fileName = "postprocessing.json"

  package init(groups: [LabelGroup], minimumVolumes: [LabelGroup: Double]? = nil) {
    self.groups = groups
    self.minimumVolumes = minimumVolumes
  }

  /// Reads the file of a model or an ensemble; nil if postprocessing was not determined for it.
  package init?(inFolder folder: URL) throws {
    let file = folder.appending(path: Self.fileName)
    guard fileExists(file) else { return nil }
    self = try Self.read(from: file)
  }

  /// The same for models whose folds are in other files, which ``foldMarks`` do not describe.
  package var withoutFoldMarks: Postprocessing {
    var postprocessing = self
    postprocessing.foldMarks = [:]
    return postprocessing
  }

  /// Reads a file of that kind.
  package static func read(from file: URL) throws -> Postprocessing {
    try JSONFile.read(Postprocessing.self, from: file)
  }

  /// Removes the components from one segmentation.
  package func apply(to volume: inout LabelVolume) {
    keepLargestComponents(
      of: groups, in: &volume.labels, voxelVolume: volume.geometry.spacing.reduce(1.0, *),
      minimumVolumes: minimumVolumes)
  }

  /// Writes the segmentations of a folder, postprocessed, to another one (or over themselves).
  ///
  /// - Parameters:
  ///   - input: The folder of segmentations.
  ///   - output: The folder for the results; may be `input`.
  ///   - files: The names of the files; nil for every segmentation in the folder.
  ///   - threads: The number of files to process at once.
  ///   - reporter: Receives the progress.
  /// - Throws: ``EvaluationError/casesFailed(_:)`` naming each file that failed.
  package func apply(
    toFolder input: URL, writingTo output: URL, files: [String]? = nil, threads: Int,
    reporter: any Reporter = SilentReporter()
  ) throws {
    let files = try files ?? segmentationFiles(in: input)
    try makeFolder(at: output)
    let counter = StepCounter("postprocessing", total: files.count, reporter: reporter)
    let failures = CaseFailures()
    forEachInParallel(count: files.count, threads: threads) { index in
      failures.collect(files[index]) {
        var volume = try VolumeFile.readLabels(at: input.appending(path: files[index]))
        apply(to: &volume)
        try VolumeFile.write(volume, to: output.appending(path: files[index]))
      }
      counter.step()
    }
    try EvaluationError.throwIfAny(failures)
  }
}

// MARK: - File

/// The keys are those of nnU-Net v1, and `fold_marks`, which v1 ignores.
extension Postprocessing: Codable {
  private enum CodingKeys: String, CodingKey {
    case groups = "for_which_classes"
    case minimumVolumes = "min_valid_object_sizes"
    case rawDice = "dc_per_class_raw"
    case jointDice = "dc_per_class_pp_all"
    case separateDice = "dc_per_class_pp_per_class"
    case caseCount = "num_samples"
    case rawFolder = "validation_raw"
    case finalFolder = "validation_final"
    case foldMarks = "fold_marks"
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    groups = try container.decode([LabelGroup].self, forKey: .groups)
    let labels = groups.flatMap(\.labels)
    guard labels.allSatisfy({ 1...255 ~= $0 }) else {
      throw DecodingError.dataCorruptedError(
        forKey: .groups, in: container,
        debugDescription: "labels must be within 1...255, found \(labels)")
    }
    if let text = try container.decodeIfPresent(String.self, forKey: .minimumVolumes) {
      guard let volumes = PythonVolumes(text) else {
        throw DecodingError.dataCorruptedError(
          forKey: .minimumVolumes, in: container,
          debugDescription: "expected None or {label: volume}, found \(text)")
      }
      minimumVolumes = volumes.values
    }
    func dice(_ key: CodingKeys) throws -> [Int: Double] {
      try container.decodeIfPresent([Int: Double].self, forKey: key) ?? [:]
    }
    rawDice = try dice(.rawDice)
    jointDice = try dice(.jointDice)
    separateDice = try dice(.separateDice)
    caseCount = try container.decodeIfPresent(Int.self, forKey: .caseCount) ?? 0
    rawFolder = try container.decodeIfPresent(String.self, forKey: .rawFolder) ?? ""
    finalFolder = try container.decodeIfPresent(String.self, forKey: .finalFolder) ?? ""
    foldMarks = try container.decodeIfPresent([String: String].self, forKey: .foldMarks) ?? [:]
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(groups, forKey: .groups)
    try container.encode(PythonVolumes(values: minimumVolumes).text, forKey: .minimumVolumes)
    try container.encode(rawDice, forKey: .rawDice)
    try container.encode(jointDice, forKey: .jointDice)
    try container.encode(separateDice, forKey: .separateDice)
    try container.encode(caseCount, forKey: .caseCount)
    try container.encode(rawFolder, forKey: .rawFolder)
    try container.encode(finalFolder, forKey: .finalFolder)
    if !foldMarks.isEmpty { try container.encode(foldMarks, forKey: .foldMarks) }
  }
}

/// Minimum volumes as Python prints them: `None`, `{1: 12.5, (1, 2): 30}`.
struct PythonVolumes: Hashable {
  var values: [LabelGroup: Double]?

  init(values: [LabelGroup: Double]?) { self.values = values }

  init?(_ text: String) {
    let text = String(
      String.UnicodeScalarView(
        text.unicodeScalars.filter { !" \t\n\r".unicodeScalars.contains($0) }))
    if text == "None" { return }
    guard var rest = text.dropping(prefix: "{")?.dropping(suffix: "}") else { return nil }
    var values: [LabelGroup: Double] = [:]
    while !rest.isEmpty {
      let parts = rest.parts(at: ":", maxSplits: 1, omittingEmpty: false)
      guard parts.count == 2, let group = Self.group(parts[0]) else { return nil }
      let entries = parts[1].parts(at: ",", maxSplits: 1, omittingEmpty: false)
      guard let volume = Double(entries[0]), volume >= 0 else { return nil }
      values[group] = volume
      rest = entries.count > 1 ? entries[1] : ""
    }
    self.values = values
  }

  var text: String {
    guard let values else { return "None" }
    let entries = values.sorted { $0.key.labels.lexicographicallyPrecedes($1.key.labels) }
    let texts = entries.map { group, volume in
      switch group {
      case .label(let label): "\(label): \(volume)"
      case .joint(let labels): "(\(labels.map(String.init).joined(separator: ", "))): \(volume)"
      }
    }
    return "{\(texts.joined(separator: ", "))}"
  }

  private static func group(_ text: Substring) -> LabelGroup? {
    if let label = Int(text) { return .label(label) }
    guard let list = text.dropping(prefix: "(")?.dropping(suffix: ")") else { return nil }
    let labels = list.parts(at: ",").map { Int($0) }
    return labels.contains(nil) ? nil : .joint(labels.compactMap { $0 })
  }
}
