public import HostSystem

/// Why a case or a task cannot be preprocessed.
public enum PreprocessingError: ExplainedError, Equatable {
  /// The channels of a case have different sizes; shapes are z, y, x.
  case channelShapesDiffer(file: String, shape: [Int], other: String, otherShape: [Int])
  /// The labels have another size than the image; shapes are z, y, x.
  case labelShapeDiffers(image: String, shape: [Int], label: String, labelShape: [Int])
  /// Voxels are NaN or infinite.
  case notFinite(file: String, count: Int, total: Int)
  /// All voxels of all channels are 0.
  case emptyImage(files: [String])
  /// Two cases whose names differ only in how their letters are encoded.
  case twoSpellings(identifier: String)
  /// A case without image files.
  case noChannels
  /// The plans were made for another number of channels.
  case wrongChannelCount(case: String, expected: Int, found: Int)
  /// A CT channel, but the plans contain no statistics of the dataset's intensities.
  case missingIntensities(channel: Int)
  /// A channel of plans that follow nnU-Net v2 has a scheme that v2 does not have.
  case unknownToV2(scheme: String, channel: Int)
  /// A color channel with values outside 0 to 255.
  case notColor(channel: Int)
  /// The plans name a preprocessor that does not exist here.
  case unknownPreprocessor(name: String, known: [String])
  /// The plans name a normalization that neither nnU-Net nor a package of this program has.
  case unknownNormalization(channel: Int, name: String, known: [String])
  /// The plans have no such stage.
  case noSuchStage(stage: Int, stageCount: Int)
  /// The array and the properties of a stored case do not match.
  case inconsistentCase(file: String, shape: [Int], expected: [Int])
  /// A stored case has a label that is not a 16-bit whole number.
  case badPreparedLabel(identifier: String, value: Double)
  /// A folder without stored cases.
  case noCases(folder: String)
  /// The disk has less space than the prepared cases need.
  case notEnoughSpace(folder: String, needed: Int, available: Int, purpose: String)
  /// The disk became full; the cases that are not missing are complete.
  case diskFull(missing: [String], of: Int, reason: String)
  /// Some cases of a task failed, the others are done.
  case casesFailed([CaseFailure], of: Int)

  /// The problem with the case or the plans, naming the files.
  public var message: String {
    switch self {
    case .channelShapesDiffer(let file, let shape, let other, let otherShape):
      "The channels of a case have different sizes: \(file) has \(sizeText(shape)) voxels,"
        + " \(other) has \(sizeText(otherShape)) (z, y, x)."
    case .labelShapeDiffers(let image, let shape, let label, let labelShape):
      "Image and labels have different sizes: \(image) has \(sizeText(shape)) voxels,"
        + " \(label) has \(sizeText(labelShape)) (z, y, x)."
    case .notFinite(let file, let count, let total):
      "\(count) of \(total) voxels of \(file) are NaN or infinite."
    case .emptyImage(let files):
      "All voxels of \(files.joined(separator: ", ")) are 0."
    case .twoSpellings(let identifier):
      "dataset.json lists the case \(identifier) in two Unicode spellings: two files with names that look the same."
    case .noChannels: "A case has no image files."
    case .wrongChannelCount(let identifier, let expected, let found):
      "\(identifier) has \(found) channels, but the plans were made for \(expected)."
    case .missingIntensities(let channel):
      "Channel \(channel) is normalized as CT, but the plans contain no intensity statistics for it."
    case .unknownToV2(let scheme, let channel):
      "Channel \(channel) is normalized as \(scheme), which nnU-Net v2's preprocessor does not know."
    case .notColor(let channel):
      "Channel \(channel) is normalized as a color, but has values outside 0 to 255."
    case .unknownPreprocessor(let name, let known):
      "The plans name the preprocessor \(name), but this program knows only \(known.joined(separator: ", "))."
    case .unknownNormalization(let channel, let name, let known):
      "The plans normalize channel \(channel) by \(name), but this program knows only \(known.joined(separator: ", "))."
    case .noSuchStage(let stage, let stageCount):
      "The plans have no stage \(stage); they have \(stageCount)."
    case .inconsistentCase(let file, let shape, let expected):
      "\(file) contains \(sizeText(shape)) numbers, but its properties say \(sizeText(expected))."
    case .badPreparedLabel(let identifier, let value):
      "The stored labels of \(identifier) contain \(value), which is not a label."
    case .noCases(let folder): "There are no cases in \(folder)."
    case .notEnoughSpace(let folder, let needed, let available, let purpose):
      "\(purpose) need about \(Self.gigabytes(needed)) GB in \(folder), but only"
        + " \(Self.gigabytes(available)) GB are free."
    case .diskFull(let missing, let count, let reason):
      "\(reason)\nThe disk is full; \(missing.count) of \(countText(count, "case")) \(count == 1 ? "is" : "are") missing: "
        + missing.joined(separator: ", ") + "."
    case .casesFailed(let failures, let count):
      "\(failures.count) of \(countText(count, "case")) failed:" + Self.list(failures)
    }
  }

  /// What the user can do about it.
  public var hint: String? {
    switch self {
    case .channelShapesDiffer:
      "All channels of a case must be registered and have the same size, spacing and origin."
    case .twoSpellings: "Give one of them another name, in dataset.json and for its files."
    case .labelShapeDiffers: "Resample the labels to the image, or find the correct label file."
    case .notFinite:
      "Replace these voxels, for example with 0 outside the body, and save the image again."
    case .emptyImage: "Remove the case, or find out why its image is empty."
    case .noChannels: nil
    case .wrongChannelCount:
      "Give one file per channel, CASE_0000.nii.gz, CASE_0001.nii.gz, …, as in training."
    case .missingIntensities: "Plan the dataset again with CT as the channel's name."
    case .unknownToV2:
      "Plan with ExperimentPlanner3D_v21, or give the channel another name in dataset.json."
    case .notColor: "Give images like those the model was trained on."
    case .unknownPreprocessor:
      "Correct \"preprocessor_name\" in the plans, or run the program of the package that provides it."
    case .unknownNormalization:
      "Correct \"normalization_schemes\" in the plans, or run the program of the package that provides it."
    case .noSuchStage: nil
    case .inconsistentCase, .badPreparedLabel:
      "Delete the case's files; the program creates them again."
    case .noCases: "Run nnUNet_plan_and_preprocess."
    case .notEnoughSpace:
      "Free space on this disk, or set the variable to a folder on another disk."
    case .diskFull:
      "Free space and run the command again; the other cases are complete and are kept."
    case .casesFailed: "Correct these cases and run the command again; finished cases are kept."
    }
  }

  private static func gigabytes(_ bytes: Int) -> Double {
    (Double(bytes) / 1e7).rounded() / 100
  }

  private static func list(_ failures: [CaseFailure]) -> String {
    let shown = failures.prefix(20).map { "\n  - \($0.identifier): \($0.reason)" }.joined()
    return failures.count > 20 ? shown + "\n  … and \(failures.count - 20) more" : shown
  }
}
