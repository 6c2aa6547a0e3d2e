import HostSystem

/// A script that submits manifests to Kubernetes in waves, because jobs there have no dependencies.
package struct KubernetesScript: Sendable {
  /// Jobs that may run at the same time: their names and the files of their manifests.
  package typealias Wave = [(name: String, file: String)]

  package var waves: [Wave]
  package var namespace: String?
  /// A command that knows what follows the last wave; nil for nothing.
  package var then: [String]?

  package init(waves: [Wave], namespace: String?, then: [String]?) {
    (self.waves, self.namespace, self.then) = (waves, namespace, then)
  }

  /// The script, for a file next to the manifests.
  ///
  /// Running and complete jobs are not touched, failed ones are created again, so that the script
  /// may be stopped and restarted.
  ///
  /// - Throws: `ControlCharacterError`: a line break in a name would begin a line of the script.
  package var text: String {
    get throws(ControlCharacterError) {
      for job in waves.joined() {
        try QuotedText.requireNoControls(job.name, in: "The name of the job")
        try QuotedText.requireNoControls(job.file, in: "The name of the manifest")
      }
      try QuotedText.requireNoControls(namespace ?? "", in: "The namespace")
      for word in then ?? [] {
        try QuotedText.requireNoControls(word, in: "A word of the command")
      }
      return script
    }
  }

  /// The script of words without control characters.
  private var script: String {
    let kubectl = "kubectl" + (namespace.map { " --namespace " + QuotedText.shellWord($0) } ?? "")
    let steps = waves.enumerated().map { index, wave in
      """
      # Wave \(index + 1) of \(waves.count)
      \(wave.map { "start \(QuotedText.shellWord($0.name)) \(QuotedText.shellWord($0.file))" }.joined(separator: "\n"))
      await \(wave.map { QuotedText.shellWord($0.name) }.joined(separator: " "))
      """
    }
    let last = then.map { ["exec " + $0.map(QuotedText.shellWord).joined(separator: " ")] } ?? []
    return """
      #!/bin/bash
      # Starts the jobs of a task in Kubernetes, each wave when the one before is complete.
      set -euo pipefail
      cd "$(dirname "$0")"

      # How a job has ended: Complete, Failed, or nothing.
      outcome() {
        \(kubectl) get job "$1" --output \\
          'jsonpath={range .status.conditions[?(@.status=="True")]}{.type}{"\\n"}{end}' |
          grep --extended-regexp --max-count=1 '^(Complete|Failed)$' || true
      }

      # start NAME FILE
      start() {
        if \(kubectl) get job "$1" >/dev/null 2>&1; then
          [ "$(outcome "$1")" = Failed ] || return 0
          \(kubectl) delete job "$1"
        fi
        \(kubectl) create --filename "$2"
      }

      # await NAME...
      await() {
        local name outcome failed=""
        for name in "$@"; do
          while outcome=$(outcome "$name") && [ -z "$outcome" ]; do sleep "${INTERVAL:-20}"; done
          [ "$outcome" = Complete ] || failed="$failed $name"
        done
        [ -z "$failed" ] || { echo "Failed:$failed (see: \(kubectl) logs job/NAME)" >&2; exit 1; }
      }

      \((steps + last).joined(separator: "\n\n"))

      """
  }
}
