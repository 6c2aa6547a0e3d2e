/// A `batch/v1` Job as Kubernetes reads it, with the fields that this program sets.
///
/// The names of the properties are those of Kubernetes' interface; nil leaves a field out.
struct KubernetesManifest: Encodable, Sendable {
  let apiVersion = "batch/v1"
  let kind = "Job"
  var metadata: Metadata
  var spec: JobSpec

  struct Metadata: Encodable, Sendable {
    var name: String?
    var namespace: String?
    var labels: [String: String]
  }

  struct JobSpec: Encodable, Sendable {
    var backoffLimit: Int
    var activeDeadlineSeconds: Int?
    var podFailurePolicy: PodFailurePolicy
    var template: PodTemplate
  }

  struct PodFailurePolicy: Encodable, Sendable {
    var rules: [Rule]

    struct Rule: Encodable, Sendable {
      var action: String
      var onPodConditions: [Condition]
    }

    struct Condition: Encodable, Sendable {
      var type: String
      var status: String
    }
  }

  struct PodTemplate: Encodable, Sendable {
    var metadata: Metadata
    var spec: PodSpec
  }

  struct PodSpec: Encodable, Sendable {
    let restartPolicy = "Never"
    var terminationGracePeriodSeconds: Int
    var containers: [Container]
    var volumes: [Volume]
  }

  struct Container: Encodable, Sendable {
    var name: String
    var image: String
    var command: [String]
    var env: [Variable]
    var resources: Resources
    var volumeMounts: [VolumeMount]
  }

  struct Variable: Encodable, Sendable {
    var name: String
    var value: String
  }

  /// Amounts by the names of resources.
  struct Resources: Encodable, Sendable {
    var requests: [String: String]
    var limits: [String: String]
  }

  struct VolumeMount: Encodable, Sendable {
    var name: String
    var mountPath: String
    var subPath: String?
  }

  struct Volume: Encodable, Sendable {
    var name: String
    var persistentVolumeClaim: Claim

    struct Claim: Encodable, Sendable { var claimName: String }
  }
}
