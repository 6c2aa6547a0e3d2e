package import Foundation
package import HostSystem
import Imaging
package import Plans

/// Checks a raw dataset before planning: files, geometry, voxels and labels.
///
/// All findings of a dataset are reported in one run, unlike in nnU-Net v1, which stops at the
/// first. See Guides/Planning.md for the list of checks.
package struct DatasetVerification: Sendable {
  /// The folder with `imagesTr`, `labelsTr` and dataset.json.
  package var rawTask: URL
  package var description: DatasetDescription
  package var threads: Int

  package init(rawTask: URL, description: DatasetDescription, threads: Int = 1) {
    self.rawTask = rawTask
    self.description = description
    self.threads = threads
  }

  /// Checks everything; if there are only warnings, they go to the reporter.
  ///
  /// - Throws: ``PlanningError/verificationFailed(_:)`` with all findings if one of them is an error.
  package func verify(reporter: some Reporter) throws {
    let findings = findings(reporter: reporter)
    guard findings.allSatisfy({ $0.severity == .warning }) else {
      throw PlanningError.verificationFailed(findings)
    }
    if !findings.isEmpty {
      reporter.warn(
        "The dataset has \(VerificationFinding.count(findings)):"
          + VerificationFinding.report(findings))
    }
    reporter.note("Dataset OK: \(countText(cases.count, "case")) verified.")
  }

  /// All problems of the dataset, in the order of dataset.json.
  package func findings(
    reporter: some Reporter = SilentReporter()
  ) -> [VerificationFinding] {
    let cases = cases
    let counter = StepCounter("Verifying", total: cases.count, reporter: reporter)
    let reports = mapInParallel(count: cases.count, threads: threads) { index in
      defer { counter.step() }
      return cases[index].verify()
    }
    var findings = labelFindings() + listingFindings() + fileFindings(cases)
    for report in reports { findings += report.findings }
    return findings
      + orientationFindings(
        zip(cases, reports).map {
          ($0.identifier, $0.imageFiles.first?.path ?? "", $1.orientation)
        })
  }

  /// The training cases and, after them, the test cases that dataset.json lists; each name once.
  private var cases: [CaseVerification] {
    var seen: Set<String> = []
    let training = description.training.filter { seen.insert($0.identifier).inserted }.map {
      CaseVerification(
        identifier: $0.identifier,
        imageFiles: description.imageFiles(of: $0.identifier, in: rawTask),
        labelFile: description.labelFile(of: $0, in: rawTask),
        expectedLabels: Set(description.labels.keys), channelCount: channelCount)
    }
    seen = []
    let test = description.test.map(caseIdentifier(ofListedImage:))
      .filter { seen.insert($0).inserted }.map {
        CaseVerification(
          identifier: $0, imageFiles: description.imageFiles(of: $0, in: rawTask, test: true),
          labelFile: nil, expectedLabels: [], channelCount: channelCount)
      }
    return training + test
  }

  /// How many channels the files of a case have together; nil where each has one.
  private var channelCount: Int? {
    description.fileEnding.holdsChannels ? description.channelNames.count : nil
  }
}

// MARK: - Checks of the whole dataset

extension DatasetVerification {
  private var jsonPath: String { rawTask.appending(path: "dataset.json").path }

  private func labelFindings() -> [VerificationFinding] {
    let labels = description.labels.keys.sorted()
    let tooLarge = labels.filter { $0 > DatasetDescription.largestLabel }
    guard tooLarge.isEmpty else {
      return [
        .init(
          .error, file: jsonPath,
          found: "it has \(labels.count) labels up to \(tooLarge[tooLarge.count - 1])",
          expected: "labels up to \(DatasetDescription.largestLabel)",
          remedy: "Merge structures, or divide them among several tasks.")
      ]
    }
    guard labels != Array(0..<labels.count) else { return [] }
    return [
      .init(
        .error, file: jsonPath, found: "the labels are \(labels)",
        expected: "\(Array(0..<max(labels.count, 2))): consecutive, 0 the background",
        remedy: "Renumber them, in the label files as well.")
    ]
  }

  /// Cases that dataset.json lists more than once, and label files that two cases share.
  private func listingFindings() -> [VerificationFinding] {
    let test = description.test.map(caseIdentifier(ofListedImage:))
    var findings = repeated(description.trainingIdentifiers, under: "training")
    findings += repeated(test, under: "test")
    if description.training.isEmpty {
      findings.append(
        .init(
          .error, file: jsonPath, found: "it lists no training cases", expected: "at least one",
          remedy: "List them under \"training\"."))
    }
    let training = Set(description.trainingIdentifiers)
    for identifier in Set(test).intersection(training).sorted() {
      findings.append(
        .init(
          .warning, caseIdentifier: identifier, file: jsonPath,
          found: "the case is listed under \"training\" and under \"test\"",
          expected: "test cases that are not used for training",
          remedy: "Remove it from one of the lists."))
    }
    let files = Dictionary(grouping: description.training) {
      description.labelFile(of: $0, in: rawTask).path
    }.mapValues { Set($0.map(\.identifier)).sorted() }
    for (file, identifiers) in files.sorted(by: { $0.key < $1.key }) where identifiers.count > 1 {
      findings.append(
        .init(
          .error, caseIdentifier: identifiers[1], file: file,
          found: "it is the label file of \(identifiers.joined(separator: " and "))",
          expected: "one label file for each case",
          remedy: "Correct \"label\" in dataset.json."))
    }
    return findings
  }

  private func repeated(_ identifiers: [String], under key: String) -> [VerificationFinding] {
    Dictionary(grouping: identifiers) { $0 }.mapValues(\.count).filter { $0.value > 1 }
      .sorted { $0.key < $1.key }.map { identifier, count in
        .init(
          .error, caseIdentifier: identifier, file: jsonPath,
          found: "\"\(key)\" lists the case \(count) times", expected: "every case once",
          remedy: "Delete the repeated entries; two images need two names.")
      }
  }

  /// Files other than those of the cases.
  private func fileFindings(_ cases: [CaseVerification]) -> [VerificationFinding] {
    let expected = Set(
      cases.flatMap { $0.imageFiles + [$0.labelFile].compactMap { $0 } }.map(\.path))
    let folders = ["imagesTr", "labelsTr"] + (description.test.isEmpty ? [] : ["imagesTs"])
    return folders.flatMap { name -> [VerificationFinding] in
      let folder = rawTask.appending(path: name)
      guard let visible = try? visibleNames(in: folder) else {
        return [
          .init(
            .error, file: folder.path, found: "there is no such folder", expected: "a folder",
            remedy: "Put the images into imagesTr and the labels into labelsTr.")
        ]
      }
      return strangers(visible, in: folder) + secondFiles(visible, in: folder)
        + misnamedFolders(among: visible, in: folder)
        + visible.filter {
          $0.ends(with: ending) && !isFolder(folder.appending(path: $0))
            && !expected.contains(folder.appending(path: $0).path)
        }.map {
          .init(
            .error, file: folder.appending(path: $0).path,
            found: "a file that belongs to no case",
            expected: "only files of the cases that dataset.json lists",
            remedy: "List its case in dataset.json, or remove the file.")
        }
    }
  }

  /// Uncompressed images, with or without a compressed one of the same name.
  private func secondFiles(_ names: [String], in folder: URL) -> [VerificationFinding] {
    guard description.fileEnding == .standard else { return [] }
    return names.filter { $0.ends(with: ".nii") }.map { name in
      let isSecond = names.contains("\(name).gz")
      return .init(
        .error, file: folder.appending(path: name).path,
        found: isSecond
          ? "a second file with the same name as \(name).gz" : "an image that is not compressed",
        expected: isSecond
          ? "one file for each name" : ".nii.gz files, the only readable ones",
        remedy: isSecond ? "Remove the wrong one." : "Compress it: gzip FILE.")
    }
  }

  /// Folders with names like images.
  private func misnamedFolders(among names: [String], in folder: URL) -> [VerificationFinding] {
    names.filter { $0.ends(with: ending) && isFolder(folder.appending(path: $0)) }.map {
      .init(
        .error, file: folder.appending(path: $0).path, found: "it is a folder",
        expected: "a file", remedy: "Move the image out of it, or remove the folder.")
    }
  }

  private var ending: String { description.fileEnding.text }

  /// How files end that belong to images: their voxels, or their spacing.
  private var companions: [String] {
    switch description.fileEnding.format {
    case ".nii.gz": [".nii"]
    case ".nhdr": [".raw", ".raw.gz"]
    case ".mhd": [".raw", ".zraw"]
    case ".tif", ".tiff": [".json"]
    default: []
    }
  }

  /// One warning for all files that are not images.
  private func strangers(_ names: [String], in folder: URL) -> [VerificationFinding] {
    let known = [ending] + companions
    let strangers = names.filter { name in !known.contains { name.ends(with: $0) } }
    guard let first = strangers.first else { return [] }
    return [
      .init(
        .warning, file: folder.path,
        found: strangers.count == 1
          ? "\(first) is not a \(ending) file"
          : "\(countText(strangers.count, "file is not a \(ending) file", "files are not \(ending) files")), such as \(first)",
        expected: ending == FileEnding.standard.text
          ? ".nii.gz files, the only readable ones" : "\(ending) files, as dataset.json says",
        remedy: "Convert them if they are images of the dataset.")
    ]
  }

  /// A warning for every case whose axes run in directions other than those of most cases.
  private func orientationFindings(
    _ orientations: [(identifier: String, file: String, orientation: String?)]
  ) -> [VerificationFinding] {
    let known = orientations.compactMap(\.orientation)
    let counts = Dictionary(grouping: known) { $0 }.mapValues(\.count)
    guard counts.count > 1, let usual = counts.max(by: { ($0.value, $1.key) < ($1.value, $0.key) })
    else { return [] }
    return orientations.compactMap { identifier, file, orientation in
      guard let orientation, orientation != usual.key else { return nil }
      return .init(
        .warning, caseIdentifier: identifier, file: file,
        found: "the axes x, y, z run \(orientation)",
        expected: "\(usual.key) as in \(usual.value) of \(countText(known.count, "case"))",
        remedy: "Reorient the images so that all cases agree.")
    }
  }
}
