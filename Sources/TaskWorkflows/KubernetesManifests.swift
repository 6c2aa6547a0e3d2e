import Foundation
package import HostSystem
package import Scheduling

/// Writes the manifests of a task's jobs for Kubernetes, and the script that starts them.
package struct KubernetesManifests {
  package var jobs: JobCommands
  package var demand: JobDemand
  /// Where jobs find the program and the three folders.
  package var place: Place
  /// The command that writes the manifests for the jobs known after planning.
  package var again: [String]

  /// Where jobs find the program and the three folders.
  package struct Place: Sendable {
    /// The container image with the program.
    package var image: String
    /// The program in the image.
    package var program: String
    package var namespace: String?
    package var folders: [KubernetesJob.Folder]
    /// How often a failed pod is started again.
    package var retries: Int

    package init(
      image: String, program: String, namespace: String?, folders: [KubernetesJob.Folder],
      retries: Int
    ) {
      self.image = image
      self.program = program
      self.namespace = namespace
      self.folders = folders
      self.retries = retries
    }
  }

  /// Creates the manifests of a task's jobs; ``write(isDryRun:reporter:)`` writes them.
  ///
  /// `arguments` repeats `place` as arguments of `nnUNet_submit`, for the job that submits the jobs
  /// known after planning.
  package init(of jobs: JobCommands, demand: JobDemand, at place: Place, arguments: [String]) throws
  {
    self.jobs = jobs
    self.demand = demand
    self.place = place
    again =
      ["env"] + jobs.folderVariables.map { "\($0.name)=\($0.value)" } + [jobs.program]
      + (try jobs.command(for: .submitAgain)) + ["--kubernetes"] + demand.arguments + arguments
  }

  private static let scriptName = "start.sh"

  /// Writes the files and replaces those of an earlier call.
  ///
  /// - Parameters:
  ///   - isDryRun: Whether the files are only reported and not written.
  ///   - reporter: Receives their places.
  /// - Throws: `FileError` if a file cannot be written; `WorkspaceError`, `FileError` or
  ///   `JSONError` if the missing jobs cannot be determined.
  package func write(isDryRun: Bool, reporter: any Reporter) throws {
    let graph = try JobGraph(of: jobs.run)
    guard !graph.jobs.isEmpty else {
      reporter.note("\(jobs.run.task) is complete")
      return
    }
    let files = try files(of: graph)
    guard !isDryRun else {
      for file in files {
        reporter.note("# \(file.name)\n\(String(decoding: file.content, as: UTF8.self))")
      }
      return
    }
    try write(files)
    reporter.note(
      "\(files.count - 1) manifests in \(try folder.path); start them with\n"
        + (try folder.appending(path: Self.scriptName).path))
  }

  /// Receives manifests and script.
  private var folder: URL {
    get throws { try jobs.folder.appending(path: "kubernetes") }
  }

  /// The files' contents, by name, and the script's last.
  private func files(of graph: JobGraph) throws -> [(name: String, content: Data)] {
    var files: [(name: String, content: Data)] = []
    var waves: [KubernetesScript.Wave] = []
    for wave in graph.waves {
      let kinds = wave.map { graph.jobs[$0].kind }.filter { $0 != .submitAgain }
      guard !kinds.isEmpty else { continue }
      waves.append(
        try kinds.map { kind in
          let job = try job(of: kind)
          let file = "\(waves.count + 1)-\(job.name).json"
          files.append((file, try job.manifest))
          return (job.name, file)
        })
    }
    let plansAreMissing = graph.jobs.contains { $0.kind == .submitAgain }
    let script = KubernetesScript(
      waves: waves, namespace: place.namespace,
      then: plansAreMissing
        ? [
          "bash", "-c",
          (again.map(QuotedText.shellWord) + ["&&", "exec", "./" + Self.scriptName]).joined(
            separator: " "),
        ] : nil)
    return files + [(Self.scriptName, Data(try script.text.utf8))]
  }

  private func job(of kind: JobGraph.Kind) throws -> KubernetesJob {
    let fold = jobs.fold(of: kind).map { ".\($0)" } ?? ""
    let resources = try demand.resources(of: kind, in: jobs.run)
    var job = KubernetesJob(
      name: jobs.name(of: kind) + fold, task: jobs.run.task, image: place.image,
      command: [place.program] + (try jobs.command(for: kind)), resources: resources,
      folders: place.folders)
    job.namespace = place.namespace
    job.retries = place.retries
    job.deadline = resources.seconds
    job.environment = JobDemand.environment(processors: resources.processors)
    return job
  }

  private func write(_ files: [(name: String, content: Data)]) throws {
    let folder = try folder
    try makeFolder(at: folder)
    // Earlier versions wrote YAML.
    let old = [".json", ".yaml"].flatMap { (try? fileNames(in: folder, endingWith: $0)) ?? [] }
    for name in old where !files.contains(where: { $0.name == name }) {
      try FileManager.default.removeItem(at: folder.appending(path: name))
    }
    for file in files {
      let url = folder.appending(path: file.name)
      try AtomicFile.write(file.content, to: url)
      guard file.name == Self.scriptName else { continue }
      try makeExecutable(url)
    }
  }

  /// Lets everybody who may read a file run it.
  private func makeExecutable(_ file: URL) throws(FileError) {
    var status = stat()
    guard stat(file.path, &status) == 0,
      chmod(file.path, status.st_mode & 0o777 | (status.st_mode & 0o444) >> 2) == 0
    else { throw .cannotWrite(path: file.path, reason: systemReason()) }
  }
}
