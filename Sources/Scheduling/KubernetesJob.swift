import Foundation
import HostSystem

/// A job as a manifest for Kubernetes (`batch/v1`, `Job`).
package struct KubernetesJob: Sendable {
  /// One of the three folders: its place in a persistent volume, and its path in the container.
  package struct Folder: Hashable, Sendable {
    /// The environment variable that names the folder.
    package var variable: String
    /// The name of the PersistentVolumeClaim.
    package var claim: String
    /// The folder in the volume; empty for all of it.
    package var subPath: String
    package var mountPath: String

    package init(variable: String, claim: String, subPath: String, mountPath: String) {
      (self.variable, self.claim, self.subPath) = (variable, claim, subPath)
      self.mountPath = mountPath
    }
  }

  /// Unique in the namespace, see ``name(_:)``.
  package var name: String
  /// The task, for the label that identifies all its jobs.
  package var task: String
  package var image: String
  package var command: [String]
  package var resources: JobResources
  package var folders: [Folder]
  package var namespace: String?
  /// More variables to set.
  package var environment: [(name: String, value: String)] = []
  /// How often a failed pod is started again; a pod that Kubernetes itself ended is not counted.
  package var retries = 3
  /// The seconds that a training has to save a checkpoint before its pod ends.
  package var gracePeriod = 300
  /// The seconds after which the job ends for good; nil for no limit.
  package var deadline: Int?

  package init(
    name: String, task: String, image: String, command: [String], resources: JobResources,
    folders: [Folder]
  ) {
    (self.name, self.task, self.image) = (Self.name(name), Self.name(task), image)
    (self.command, self.resources, self.folders) = (command, resources, folders)
  }

  /// A name that Kubernetes accepts: lower-case letters, digits and hyphens, at most 63.
  ///
  /// Shortened names end with a checksum of the original.
  package static func name(_ text: String) -> String {
    let plain = text.lowercased().unicodeScalars.map { scalar in
      Character(scalar.isASCIILetter || scalar.isASCIIDigit ? scalar : "-")
    }
    func trimmed(_ text: some StringProtocol) -> String {
      text.trimmingCharacters(in: CharacterSet(charactersIn: "-"))
    }
    let whole = trimmed(String(plain))
    guard whole.count > 63 else { return whole }
    return trimmed(whole.prefix(54)) + "-" + String(shortFNVHash(of: text.utf8), radix: 36)
  }

  /// The manifest.
  ///
  /// Another pod replaces a failed one (`restartPolicy: Never` and `backoffLimit`) and continues
  /// from the newest checkpoint. Evictions, drained and lost nodes do not count
  /// (`podFailurePolicy`).
  package var manifest: String {
    var metadata: [(key: String, value: YAML)] = [("name", .text(name))]
    if let namespace { metadata.append(("namespace", .text(namespace))) }
    metadata.append(("labels", labels))
    var spec: [(key: String, value: YAML)] = [("backoffLimit", .number(retries))]
    if let deadline { spec.append(("activeDeadlineSeconds", .number(deadline))) }
    let disruption = YAML.map([("type", .text("DisruptionTarget")), ("status", .text("True"))])
    spec.append(
      (
        "podFailurePolicy",
        .map([
          (
            "rules",
            .list([
              .map([("action", .text("Ignore")), ("onPodConditions", .list([disruption]))])
            ])
          )
        ])
      ))
    spec.append(("template", .map([("metadata", .map([("labels", labels)])), ("spec", pod)])))
    return YAML.map([
      ("apiVersion", .text("batch/v1")), ("kind", .text("Job")), ("metadata", .map(metadata)),
      ("spec", .map(spec)),
    ]).document
  }

  private var labels: YAML {
    .map([
      ("app.kubernetes.io/name", .text("nnunet")), ("nnunet/task", .text(task)),
      ("nnunet/job", .text(name)),
    ])
  }

  private var pod: YAML {
    var pod: [(key: String, value: YAML)] = [
      ("restartPolicy", .text("Never")),
      ("terminationGracePeriodSeconds", .number(gracePeriod)),
      ("containers", .list([container])),
    ]
    pod.append(
      (
        "volumes",
        .list(
          claims.map { claim in
            .map([
              ("name", .text(volume(claim))),
              ("persistentVolumeClaim", .map([("claimName", .text(claim))])),
            ])
          })
      ))
    return .map(pod)
  }

  /// The claims, each once.
  private var claims: [String] { Set(folders.map(\.claim)).sorted() }

  private func volume(_ claim: String) -> String {
    "volume-\((claims.firstIndex(of: claim) ?? 0) + 1)"
  }

  private var container: YAML {
    var amounts: [(key: String, value: YAML)] = [
      ("cpu", .text(String(resources.processors))), ("memory", .text("\(resources.memory)Gi")),
    ]
    if resources.gpus > 0 { amounts.append(("nvidia.com/gpu", .text(String(resources.gpus)))) }
    // Processors are requested, but not limited: spare ones may be used. Kubernetes requires GPUs
    // as a limit.
    let limits = amounts.filter { $0.key != "cpu" }
    let variables = folders.map { ($0.variable, $0.mountPath) } + environment.map { ($0.0, $0.1) }
    return .map([
      ("name", .text("nnunet")), ("image", .text(image)),
      ("command", .list(command.map { .text($0) })),
      (
        "env",
        .list(variables.map { .map([("name", .text($0.0)), ("value", .text($0.1))]) })
      ),
      ("resources", .map([("requests", .map(amounts)), ("limits", .map(limits))])),
      (
        "volumeMounts",
        .list(
          folders.map { folder in
            var mount: [(key: String, value: YAML)] = [
              ("name", .text(volume(folder.claim))), ("mountPath", .text(folder.mountPath)),
            ]
            if !folder.subPath.isEmpty { mount.append(("subPath", .text(folder.subPath))) }
            return .map(mount)
          })
      ),
    ])
  }
}
