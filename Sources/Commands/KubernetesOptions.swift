import ArgumentParser
import Foundation
import HostSystem
import Scheduling
import TaskWorkflows

/// Where jobs in Kubernetes find the program and the three folders.
struct KubernetesOptions: ParsableArguments {
  @Option(
    name: .customLong("image"),
    help: .init("--kubernetes: the container image with the program.", valueName: "name"))
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
        + "nnUNet_preprocessed and RESULTS_FOLDER, unless one of the next options says otherwise.",
      valueName: "claim"))
  var claim: String?

  @Option(
    name: .customLong("raw-claim"),
    help: .init(
      "--kubernetes: the claim and the folder in it for nnUNet_raw_data_base.",
      valueName: "claim[/folder]"))
  var rawClaim: String?

  @Option(
    name: .customLong("preprocessed-claim"),
    help: .init(
      "--kubernetes: the claim and the folder in it for nnUNet_preprocessed.",
      valueName: "claim[/folder]"))
  var preprocessedClaim: String?

  @Option(
    name: .customLong("results-claim"),
    help: .init(
      "--kubernetes: the claim and the folder in it for RESULTS_FOLDER.",
      valueName: "claim[/folder]"))
  var resultsClaim: String?

  @Option(
    name: .customLong("retries"),
    help: .init(
      "--kubernetes: how often a failed pod is started again; evicted pods are not counted.",
      valueName: "n"))
  var retries = 3

  /// Requires the options without a default.
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

  /// Where jobs find program and folders; call ``check()`` first.
  var place: KubernetesManifests.Place {
    KubernetesManifests.Place(
      image: image ?? "", program: program, namespace: namespace, folders: folders,
      retries: retries)
  }

  private var folders: [KubernetesJob.Folder] {
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
