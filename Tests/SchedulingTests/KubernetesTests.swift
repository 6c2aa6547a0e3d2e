import Foundation
import HostSystem
import JSON
import TestSupport
import Testing

@testable import Scheduling

/// Manifests by the schema that Kubernetes publishes, and the script with a `kubectl` that remembers.
@Suite struct KubernetesTests {
  private func job(gpus: Int = 1) -> KubernetesJob {
    var job = KubernetesJob(
      name: "nnunet.Task004_Hippo.3d_fullres.0", task: "Task004_Hippo", image: "registry/nnunet:1",
      command: ["nnunet", "nnUNet_run", "Task004_Hippo", "-f", "0", "# \"quoted\"\n\\ and: öß"],
      resources: JobResources(processors: 8, memory: 7, gpus: gpus, timeLimit: "2-12"),
      folders: [
        .init(variable: "nnUNet_raw_data_base", claim: "data", subPath: "raw", mountPath: "/n/raw"),
        .init(variable: "RESULTS_FOLDER", claim: "results", subPath: "", mountPath: "/n/results"),
      ])
    job.namespace = "imaging"
    job.deadline = job.resources.seconds
    job.environment = [("nnUNet_def_n_proc", "8")]
    return job
  }

  /// Runs Python on a file of the fixture; nil if it lacks what that needs.
  private func validate(_ manifests: [Data]) throws -> (isValid: Bool, output: String) {
    let folder = try temporaryFolder()
    let files = manifests.indices.map { folder.appending(path: "\($0).json") }
    for (file, manifest) in zip(files, manifests) { try manifest.write(to: file) }
    return try run(
      ["python3", fixtureURL("kubernetes/validate.py").path] + files.map(\.path), in: folder)
  }

  private func run(
    _ words: [String], in folder: URL, environment: [String: String] = [:]
  ) throws -> (isValid: Bool, output: String) {
    let output = folder.appending(path: ".output")
    let child = try ChildProcess("/usr/bin/env", words, environment: environment, output: output)
    waitUntil { child.poll() != nil }
    return (child.poll() == .status(0), try String(contentsOf: output, encoding: .utf8))
  }

  private static let hasValidator: Bool = {
    guard
      let child = try? ChildProcess(
        "/usr/bin/env", ["python3", "-c", "import jsonschema"],
        output: FileManager.default.temporaryDirectory.appending(
          path: "validator-\(UUID().uuidString)"))
    else { return false }
    waitUntil { child.poll() != nil }
    return child.poll() == .status(0)
  }()

  @Test(.enabled(if: hasValidator, "Python with jsonschema is not installed"))
  func manifestsAreValid() throws {
    let whole = try job().manifest
    var plain = job(gpus: 0)
    (plain.namespace, plain.deadline, plain.environment) = (nil, nil, [])
    let outcome = try validate([whole, plain.manifest])
    #expect(outcome.isValid, "\(outcome.output)")
    // The validator finds what is wrong.
    let text = String(decoding: whole, as: UTF8.self)
    for (good, bad) in [
      ("\"backoffLimit\"", "\"backofLimit\""), ("\"batch/v1\"", "\"batch/v9\""),
      ("\"claimName\"", "\"claim\""),
      ("\"activeDeadlineSeconds\": 216000", "\"activeDeadlineSeconds\": \"long\""),
    ] {
      #expect(text.contains(good))
      let outcome = try validate([Data(text.replacing(good, with: bad).utf8)])
      #expect(!outcome.isValid && !outcome.output.contains("Traceback"), "\(bad) \(outcome.output)")
    }
  }

  @Test func manifestsSayWhatTheJobNeeds() throws {
    let manifest = try JSONFile.decode(Manifest.self, from: job().manifest, path: "manifest")
    #expect(manifest.apiVersion == "batch/v1" && manifest.kind == "Job")
    #expect(manifest.metadata.name == "nnunet-task004-hippo-3d-fullres-0")
    #expect(manifest.metadata.namespace == "imaging")
    let labels = [
      "app.kubernetes.io/name": "nnunet", "nnunet/task": "task004-hippo",
      "nnunet/job": "nnunet-task004-hippo-3d-fullres-0",
    ]
    #expect(manifest.metadata.labels == labels)
    #expect(manifest.spec.template.metadata.labels == labels)
    #expect(manifest.spec.backoffLimit == 3 && manifest.spec.activeDeadlineSeconds == 216_000)
    let rule = try #require(manifest.spec.podFailurePolicy.rules.first)
    #expect(rule.action == "Ignore")
    #expect(rule.onPodConditions == [["type": "DisruptionTarget", "status": "True"]])
    let pod = manifest.spec.template.spec
    #expect(pod.restartPolicy == "Never" && pod.terminationGracePeriodSeconds == 300)
    #expect(pod.volumes.map(\.name) == ["volume-1", "volume-2"])
    #expect(pod.volumes.map(\.persistentVolumeClaim.claimName) == ["data", "results"])
    let container = try #require(pod.containers.first)
    #expect(pod.containers.count == 1)
    #expect(container.name == "nnunet" && container.image == "registry/nnunet:1")
    #expect(container.command == job().command)
    #expect(
      container.env == [
        ["name": "nnUNet_raw_data_base", "value": "/n/raw"],
        ["name": "RESULTS_FOLDER", "value": "/n/results"],
        ["name": "nnUNet_def_n_proc", "value": "8"],
      ])
    #expect(
      container.resources.requests == ["cpu": "8", "memory": "7Gi", "nvidia.com/gpu": "1"])
    #expect(container.resources.limits == ["memory": "7Gi", "nvidia.com/gpu": "1"])
    #expect(
      container.volumeMounts == [
        ["name": "volume-1", "mountPath": "/n/raw", "subPath": "raw"],
        ["name": "volume-2", "mountPath": "/n/results"],
      ])
    #expect(!String(decoding: try job(gpus: 0).manifest, as: UTF8.self).contains("nvidia"))
  }

  @Test func namesAreThoseOfKubernetes() {
    let long = "nnunet.Task123_" + String(repeating: "Long_Name.", count: 9)
    let names = [long + "0", long + "1", "nnunet.Task004_X.2d.3"].map(KubernetesJob.name)
    #expect(names[2] == "nnunet-task004-x-2d-3")
    #expect(names[0] != names[1])
    for name in names {
      #expect(name.count <= 63 && name.wholeMatch(of: /[a-z0-9]([-a-z0-9]*[a-z0-9])?/) != nil)
    }
  }

  @Test(arguments: [
    ("90", 5400), ("90:30", 5430), ("24:00:00", 86400), ("2-12", 216_000), ("1-01:30", 91800),
    ("1-00:00:05", 86405), ("", nil), ("a", nil), ("1-2-3", nil), ("1:2:3:4", nil), ("-5", nil),
  ])
  func timeLimits(text: String, seconds: Int?) {
    #expect(
      JobResources(processors: 1, memory: 1, gpus: 0, timeLimit: text).seconds == seconds)
  }

  // MARK: - The script

  /// Records its calls; jobs are complete at the second check, and those named in `failing` have
  /// failed, but only the first with that name.
  private let kubectl = """
    #!/bin/bash
    cd "$STATE"
    case "$1" in
      create) name=$(sed -n 's/^ *"name": "\\(.*\\)"$/\\1/p' "$SCRIPTS/$3"); echo "create $name" >> log
        echo x > "$name" ;;
      delete) echo "delete $3" >> log; rm "$3" ;;
      get) [ -e "$3" ] || { echo "not found" >&2; exit 1; }
        [ $# -gt 3 ] || exit 0
        echo x >> "$3"
        if [ -e "failing.$3" ]; then echo Failed
        elif [ "$(wc -l < "$3")" -gt 2 ]; then echo SuccessCriteriaMet; echo Complete; fi ;;
    esac
    """

  @Test func theScriptStartsWaveAfterWave() throws {
    let folder = try temporaryFolder()
    let state = folder.appending(path: "state")
    try makeFolder(at: state)
    func write(_ text: String, _ name: String) throws {
      let file = folder.appending(path: name)
      try Data(text.utf8).write(to: file)
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file.path)
    }
    try write(kubectl, "kubectl")
    for name in ["a", "b", "c"] {
      let manifest = try JSONFile.encode(["metadata": ["name": name]])
      try write(String(decoding: manifest, as: UTF8.self), "\(name).json")
    }
    let script = KubernetesScript(
      waves: [[("a", "a.json"), ("b", "b.json")], [("c", "c.json")]], namespace: nil,
      then: ["echo", "the end"])
    try write(script.text, "start.sh")
    let environment = [
      "PATH": "\(folder.path):/usr/bin:/bin", "STATE": state.path, "SCRIPTS": folder.path,
      "INTERVAL": "0.01",
    ]
    func start() throws -> (isValid: Bool, output: String) {
      try run([folder.appending(path: "start.sh").path], in: folder, environment: environment)
    }
    func log() throws -> [String] {
      try String(contentsOf: state.appending(path: "log"), encoding: .utf8)
        .split(separator: "\n").map(String.init)
    }
    try Data().write(to: state.appending(path: "failing.b"))
    let failed = try start()
    #expect(!failed.isValid && failed.output.contains("Failed: b"), "\(failed.output)")
    #expect(try log() == ["create a", "create b"], "the next wave has not begun")
    // Again, after the cause is fixed: complete jobs are kept, failed ones are created again.
    try FileManager.default.removeItem(at: state.appending(path: "failing.b"))
    try Data().write(to: state.appending(path: "failing.none"))
    let mended = try start()
    #expect(mended.isValid && mended.output.contains("the end"), "\(mended.output)")
    #expect(try log().last == "create c")
    #expect(try log().count { $0 == "create a" } == 1)
  }

  @Test func failedJobsAreMadeAnew() throws {
    let script = try KubernetesScript(waves: [[("a", "a.json")]], namespace: "n s", then: nil).text
    #expect(script.contains("kubectl --namespace 'n s' delete job"))
    #expect(script.contains("= Failed ] || return 0"))
  }

  @Test func controlsInNamesAreRefusedInScripts() {
    let scripts = [
      KubernetesScript(waves: [[("a\nrm", "a.json")]], namespace: nil, then: nil),
      KubernetesScript(waves: [[("a", "a\u{2028}.json")]], namespace: nil, then: nil),
      KubernetesScript(waves: [[("a", "a.json")]], namespace: "n\u{7}", then: nil),
      KubernetesScript(waves: [], namespace: nil, then: ["a\rb"]),
    ]
    for script in scripts { #expect(throws: ControlCharacterError.self) { try script.text } }
  }
}

/// A manifest with the names of Kubernetes' interface, written down here once more.
private struct Manifest: Decodable {
  let apiVersion, kind: String
  let metadata: Metadata
  let spec: Spec

  struct Metadata: Decodable {
    let name, namespace: String?
    let labels: [String: String]
  }

  struct Spec: Decodable {
    let backoffLimit, activeDeadlineSeconds: Int
    let podFailurePolicy: Policy
    let template: Template
  }

  struct Policy: Decodable {
    let rules: [Rule]

    struct Rule: Decodable {
      let action: String
      let onPodConditions: [[String: String]]
    }
  }

  struct Template: Decodable {
    let metadata: Metadata
    let spec: Pod
  }

  struct Pod: Decodable {
    let restartPolicy: String
    let terminationGracePeriodSeconds: Int
    let containers: [Container]
    let volumes: [Volume]
  }

  struct Container: Decodable {
    let name, image: String
    let command: [String]
    let env: [[String: String]]
    let resources: Resources
    let volumeMounts: [[String: String]]

    struct Resources: Decodable { let requests, limits: [String: String] }
  }

  struct Volume: Decodable {
    let name: String
    let persistentVolumeClaim: Claim

    struct Claim: Decodable { let claimName: String }
  }
}
