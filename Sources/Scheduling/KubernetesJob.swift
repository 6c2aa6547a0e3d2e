package import Foundation
import HostSystem
import JSON

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

  /// The manifest as JSON, which kubectl takes like YAML.
  package var manifest: Data {
    get throws { try JSONFile.encode(content) }
  }

  /// What the manifest says.
  ///
  /// Another pod replaces a failed one (`restartPolicy: Never` and `backoffLimit`) and continues
  /// from the newest checkpoint. Evictions, drained and lost nodes do not count
  /// (`podFailurePolicy`).
  private var content: KubernetesManifest {
    let disruption = KubernetesManifest.PodFailurePolicy.Condition(
      type: "DisruptionTarget", status: "True")
    return KubernetesManifest(
      metadata: .init(name: name, namespace: namespace, labels: labels),
      spec: .init(
        backoffLimit: retries, activeDeadlineSeconds: deadline,
        podFailurePolicy: .init(rules: [.init(action: "Ignore", onPodConditions: [disruption])]),
        template: .init(metadata: .init(labels: labels), spec: pod)))
  }

  private var labels: [String: String] {
    ["app.kubernetes.io/name": "nnunet", "nnunet/task": task, "nnunet/job": name]
  }

  private var pod: KubernetesManifest.PodSpec {
    .init(
      terminationGracePeriodSeconds: gracePeriod, containers: [container],
      volumes: claims.map {
        .init(name: volume($0), persistentVolumeClaim: .init(claimName: $0))
      })
  }

  /// The claims, each once.
  private var claims: [String] { Set(folders.map(\.claim)).sorted() }

  private func volume(_ claim: String) -> String {
    "volume-\((claims.firstIndex(of: claim) ?? 0) + 1)"
  }

  private var container: KubernetesManifest.Container {
    var amounts = ["cpu": String(resources.processors), "memory": "\(resources.memory)Gi"]
    if resources.gpus > 0 { amounts["nvidia.com/gpu"] = String(resources.gpus) }
    return .init(
      name: "nnunet", image: image, command: command,
      env: folders.map { .init(name: $0.variable, value: $0.mountPath) }
        + environment.map { .init(name: $0.name, value: $0.value) },
      // Processors are requested, but not limited: spare ones may be used. Kubernetes requires GPUs
      // as a limit.
      resources: .init(requests: amounts, limits: amounts.filter { $0.key != "cpu" }),
      volumeMounts: folders.map {
        .init(
          name: volume($0.claim), mountPath: $0.mountPath,
          subPath: $0.subPath.isEmpty ? nil : $0.subPath)
      })
  }
}
