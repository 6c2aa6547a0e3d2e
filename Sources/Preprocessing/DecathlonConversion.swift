package import Foundation
package import HostSystem
import Imaging
import Plans

/// Turns a task of the Medical Segmentation Decathlon into a raw task of nnU-Net.
///
/// The Decathlon stores all channels of a case in one 4D file; nnU-Net needs one 3D file for each
/// channel. 4D images are split with their stored voxel type; 3D images, labels and dataset.json
/// are copied unchanged. Source: nnunet/experiment_planning/nnUNet_convert_decathlon_task.py;
/// unlike it, nothing in the input is deleted, and an existing output is replaced only on request.
package struct DecathlonConversion: Sendable {
  /// The folder `TaskXX_NAME` with dataset.json, imagesTr, labelsTr and possibly imagesTs.
  package var source: URL
  /// The id of the converted task; nil keeps that of the source.
  package var outputID: Int?
  /// Whether an existing task of the same name is replaced.
  package var overwrites: Bool
  /// The number of files to process at once.
  package var threads: Int

  package init(
    source: URL, outputID: Int? = nil, overwrites: Bool = false,
    threads: Int = ProcessInfo.processInfo.activeProcessorCount
  ) {
    self.source = source
    self.outputID = outputID
    self.overwrites = overwrites
    self.threads = threads
  }

  /// Converts the task.
  ///
  /// The output appears under its name only when it is complete.
  ///
  /// - Parameters:
  ///   - rawTasks: The folder with the raw tasks; created if it is missing.
  ///   - reporter: Receives the progress.
  /// - Returns: The folder of the converted task.
  /// - Throws: ``DecathlonError``, or an error that names the file that could not be used.
  package func convert(
    into rawTasks: URL, reporter: any Reporter = SilentReporter()
  ) throws -> URL {
    let name = try outputName()
    let jobs = try self.jobs()
    let target = rawTasks.appending(path: name)
    guard overwrites || !fileExists(target) else {
      throw DecathlonError.outputExists(path: target.path)
    }
    sweepLeftovers(in: rawTasks, reporter: reporter)
    let change = try StagedChange(in: rawTasks, for: name)
    try run(jobs, in: change.folder.appending(path: name), reporter)
    try change.commit([name])
    return target
  }

  // MARK: - Names

  /// `Task%03d_NAME`.
  private func outputName() throws(DecathlonError) -> String {
    let folder = source.standardizedFileURL.lastPathComponent
    let parts = folder.dropping(prefix: "Task")?.parts(
      at: "_", maxSplits: 1, omittingEmpty: false)
    guard let parts, parts.count == 2, let id = Int(parts[0]), id >= 0, !parts[1].isEmpty
    else { throw .noTaskFolder(path: source.path) }
    return Workspace.taskPrefix(id: outputID ?? id) + "_" + parts[1]
  }

  // MARK: - What to do

  /// One file of the input and its outputs.
  private struct Job {
    var source: URL
    /// Paths in the output task; more than one for a 4D image.
    var outputs: [String]
    var isSeries: Bool { outputs.count > 1 }
  }

  /// Everything to do, after reading every header, so that a mistake is found before the work
  /// begins.
  private func jobs() throws -> [Job] {
    guard fileExists(source) else { throw DecathlonError.noTaskFolder(path: source.path) }
    let datasetFile = source.appending(path: "dataset.json")
    guard fileExists(datasetFile) else { throw DecathlonError.missing(path: datasetFile.path) }
    let channels = try DatasetDescription.read(from: datasetFile).channelNames.count
    var jobs: [Job] = []
    for folder in ["imagesTr", "imagesTs"] {
      for file in try imageFiles(in: folder, isRequired: folder == "imagesTr") {
        jobs.append(try job(forImage: file, folder: folder, channels: channels))
      }
    }
    for file in try imageFiles(in: "labelsTr", isRequired: true) {
      jobs.append(Job(source: file, outputs: ["labelsTr/\(file.lastPathComponent)"]))
    }
    return jobs
  }

  private func job(forImage file: URL, folder: String, channels: Int) throws -> Job {
    let header = try NIfTIFile.readHeader(at: file)
    guard (3...4).contains(header.extents.count) else {
      throw ImagingError.wrongDimensions(
        path: file.path, extents: header.extents, expected: "3 or 4")
    }
    guard header.volumeCount == channels else {
      throw DecathlonError.channelCount(
        path: file.path, found: header.volumeCount, expected: channels)
    }
    let name = caseIdentifier(ofListedImage: file.lastPathComponent)
    let outputs = (0..<channels).map {
      "\(folder)/" + DatasetDescription.channelFileName(name, channel: $0)
    }
    return Job(source: file, outputs: outputs)
  }

  /// The `.nii.gz` files of a folder in the order of their names; hidden files are ignored.
  private func imageFiles(in folder: String, isRequired: Bool) throws -> [URL] {
    let url = source.appending(path: folder)
    guard fileExists(url) else {
      if isRequired { throw DecathlonError.missing(path: url.path) }
      return []
    }
    let files = try fileNames(in: url, endingWith: ".nii.gz")
    guard !files.isEmpty || !isRequired else { throw DecathlonError.noImages(path: url.path) }
    return files.map { url.appending(path: $0) }
  }

  // MARK: - Doing it

  private func run(_ jobs: [Job], in folder: URL, _ reporter: any Reporter)
    throws
  {
    for name in ["imagesTr", "imagesTs", "labelsTr"] {
      try makeFolder(at: folder.appending(path: name))
    }
    try copy(source.appending(path: "dataset.json"), to: folder.appending(path: "dataset.json"))
    let counter = StepCounter("Converting", total: jobs.count, reporter: reporter)
    try forEachInParallel(count: jobs.count, threads: threads) { index in
      let job = jobs[index]
      let targets = job.outputs.map { folder.appending(path: $0) }
      if job.isSeries {
        try NIfTIFile.splitSeries(at: job.source, into: targets)
      } else {
        try copy(job.source, to: targets[0])
      }
      counter.step()
    }
  }

  private func copy(_ file: URL, to target: URL) throws(FileError) {
    do {
      try FileManager.default.copyItem(at: file.resolvingSymlinksInPath(), to: target)
    } catch {
      throw .cannotWrite(path: target.path, reason: error.localizedDescription)
    }
  }
}

/// A folder that is not a task of the Decathlon, or an output that already exists.
package enum DecathlonError: ExplainedError, Equatable {
  case noTaskFolder(path: String)
  case missing(path: String)
  case noImages(path: String)
  case channelCount(path: String, found: Int, expected: Int)
  case outputExists(path: String)

  package var message: String {
    switch self {
    case .noTaskFolder(let path): "\(path) is not the folder of a Decathlon task."
    case .missing(let path): "\(path) does not exist."
    case .noImages(let path): "\(path) contains no .nii.gz files."
    case .channelCount(let path, let found, let expected):
      "\(path) has \(found) channels, but dataset.json lists \(expected)."
    case .outputExists(let path): "\(path) already exists."
    }
  }

  package var hint: String? {
    switch self {
    case .noTaskFolder:
      "Give the folder of the task itself, named TaskXX_NAME, for example Task04_Hippocampus."
    case .missing:
      "A Decathlon task contains dataset.json, imagesTr, labelsTr and, if there are test images, "
        + "imagesTs."
    case .noImages: "Check that the archive was unpacked completely."
    case .channelCount: "Correct \"modality\" in dataset.json, or remove the image."
    case .outputExists:
      "Choose another id with -output_task_id, or use --overwrite to replace the task."
    }
  }
}
