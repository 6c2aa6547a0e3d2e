import ArgumentParser
import Foundation
import HostSystem
import ModelSelection
import Plans
import Scheduling

/// Where jobs in Kubernetes find the program and the three folders.
struct KubernetesOptions: ParsableArguments {
  @Option(
    name: .customLong("image"),
    help: .init("--kubernetes: the container image that holds the program.", valueName: "name"))
  var image: String?

  @Option(
    name: .customLong("program"),
    help: .init("--kubernetes: the program in the image.", valueName: "path"))
  var program = "nnunet"

  @Option(
    name: .customLong("namespace"),
    help: .init("--kubernetes: the namespace. Default: kubectl's.", valueName: "name"))
  var namespace: String?

  @Option(
    name: .customLong("claim"),
    help: .init(
      "--kubernetes: the PersistentVolumeClaim with the three folders nnUNet_raw_data_base, "
        + "nnUNet_preprocessed and RESULTS_FOLDER, unless one of the next options names another place.",
      valueName: "claim"))
  var claim: String?

  @Option(
    name: .customLong("raw-claim"),
    help: .init(
      "--kubernetes: the claim, and the folder in it, of nnUNet_raw_data_base.",
      valueName: "claim[/folder]"))
  var rawClaim: String?

  @Option(
    name: .customLong("preprocessed-claim"),
    help: .init(
      "--kubernetes: the claim, and the folder in it, of nnUNet_preprocessed.",
      valueName: "claim[/folder]"))
  var preprocessedClaim: String?

  @Option(
    name: .customLong("results-claim"),
    help: .init(
      "--kubernetes: the claim, and the folder in it, of RESULTS_FOLDER.",
      valueName: "claim[/folder]"))
  var resultsClaim: String?

  @Option(
    name: .customLong("retries"),
    help: .init(
      "--kubernetes: how often a failed pod is started again; evicted pods are not counted.",
      valueName: "n"))
  var retries = 3

  /// Requires what has no default.
  func check() throws {
    guard image != nil else { throw ValidationError("--kubernetes needs --image.") }
    guard claim != nil || [rawClaim, preprocessedClaim, resultsClaim].allSatisfy({ $0 != nil })
    else {
      throw ValidationError(
        "--kubernetes needs --claim, or --raw-claim, --preprocessed-claim and --results-claim.")
    }
    guard retries >= 0 else {
      throw ValidationError("--retries must be at least 0, not \(retries).")
    }
    for (variable, place) in places where place.isEmpty || place.begins(with: "/") {
      throw ValidationError("The claim of \(variable) has no name: '\(place)'.")
    }
  }

  /// The claim and folder of each variable.
  private var places: [(variable: String, place: String)] {
    [
      ("nnUNet_raw_data_base", rawClaim), ("nnUNet_preprocessed", preprocessedClaim),
      ("RESULTS_FOLDER", resultsClaim),
    ].map { variable, place in (variable, place ?? "\(claim ?? "")/\(variable)") }
  }

  var folders: [KubernetesJob.Folder] {
    places.map { variable, place in
      let parts = place.parts(at: "/", maxSplits: 1).map(String.init)
      return KubernetesJob.Folder(
        variable: variable, claim: parts.first ?? "", subPath: parts.count > 1 ? parts[1] : "",
        mountPath: "/nnunet/\(variable)")
    }
  }

  /// These options as arguments.
  var arguments: [String] {
    [
      ("--image", image), ("--program", program), ("--namespace", namespace), ("--claim", claim),
      ("--raw-claim", rawClaim), ("--preprocessed-claim", preprocessedClaim),
      ("--results-claim", resultsClaim), ("--retries", String(retries)),
    ].flatMap { name, value in value.map { [name, $0] } ?? [] }
  }
}

/// Writes the manifests of a task's jobs, and the script that starts them.
struct KubernetesManifests {
  var options: KubernetesOptions
  var jobs: JobCommands
  /// What a job asks for.
  var resources: (JobGraph.Kind) throws -> JobResources
  /// The command that writes the manifests of what planning makes known.
  var again: [String]

  static let scriptName = "start.sh"

  /// Receives manifests and script.
  var folder: URL {
    get throws { try jobs.folder.appending(path: "kubernetes") }
  }

  /// The files' contents, by name, and the script's last.
  func files(of graph: JobGraph) throws -> [(name: String, text: String)] {
    var files: [(name: String, text: String)] = []
    var waves: [KubernetesScript.Wave] = []
    for wave in graph.waves {
      let kinds = wave.map { graph.jobs[$0].kind }.filter { $0 != .submitAgain }
      guard !kinds.isEmpty else { continue }
      waves.append(
        try kinds.map { kind in
          let job = try job(of: kind)
          let file = "\(waves.count + 1)-\(job.name).yaml"
          files.append((file, job.manifest))
          return (job.name, file)
        })
    }
    let plansAreMissing = graph.jobs.contains { $0.kind == .submitAgain }
    let script = KubernetesScript(
      waves: waves, namespace: options.namespace,
      then: plansAreMissing
        ? [
          "bash", "-c",
          (again.map(QuotedText.shellWord) + ["&&", "exec", "./" + Self.scriptName]).joined(
            separator: " "),
        ] : nil)
    return files + [(Self.scriptName, try script.text)]
  }

  private func job(of kind: JobGraph.Kind) throws -> KubernetesJob {
    let fold = jobs.fold(of: kind).map { ".\($0)" } ?? ""
    let resources = try resources(kind)
    var job = KubernetesJob(
      name: jobs.name(of: kind) + fold, task: jobs.run.task, image: options.image ?? "",
      command: [options.program] + (try jobs.command(for: kind)), resources: resources,
      folders: options.folders)
    job.namespace = options.namespace
    job.retries = options.retries
    job.deadline = resources.seconds
    job.environment = [
      ("nnUNet_def_n_proc", String(resources.processors)),
      ("nnUNet_n_proc_DA", String(min(resources.processors, 12))),
    ]
    return job
  }

  /// Lets those run a file who may read it.
  private func makeExecutable(_ file: URL) throws(FileError) {
    var status = stat()
    guard stat(file.path, &status) == 0,
      chmod(file.path, status.st_mode & 0o777 | (status.st_mode & 0o444) >> 2) == 0
    else { throw .cannotWrite(path: file.path, reason: String(cString: strerror(errno))) }
  }

  /// Writes the files in place of those of an earlier call.
  func write(_ files: [(name: String, text: String)]) throws {
    let folder = try folder
    try makeFolder(at: folder)
    let old = (try? fileNames(in: folder, endingWith: ".yaml")) ?? []
    for name in old where !files.contains(where: { $0.name == name }) {
      try FileManager.default.removeItem(at: folder.appending(path: name))
    }
    for file in files {
      let url = folder.appending(path: file.name)
      try AtomicFile.write(Data(file.text.utf8), to: url)
      guard file.name == Self.scriptName else { continue }
      try makeExecutable(url)
    }
  }
}
