import Evaluation
import Foundation
import HostSystem
import Imaging
import ModelSelection
import Plans

extension ReportGathering {
  /// Adds the worst cases of the results that a user would use: those of the stored choice,
  /// otherwise the best ones, after postprocessing if there is one.
  func addPictures(_ places: TaskPlaces?, to report: inout Report) throws {
    if let images {
      guard isFolder(images) else { throw ReportError.noImages(folder: images.path) }
    }
    report.limits = limits
    guard let set = shownSet(of: report) else { return }
    report.shownSet = set.name
    let (summary, folder) = set.final
    // A case without any foreground in both segmentations is not wrong.
    let worst = summary.cases.filter { !$0.meanForegroundDice.isNaN }
      .sorted { ($0.meanForegroundDice, $0.caseName) < ($1.meanForegroundDice, $1.caseName) }
      .prefix(limits.cases)
    let results = mapInParallel(count: worst.count, threads: threads) { index in
      Result { try pictures(of: worst[index], in: folder, places) }
    }
    var lackImages: [String] = []
    for (scores, result) in zip(worst, results) {
      guard let made = read(&report, { try result.get() }) else { continue }
      if made.image == nil { lackImages.append(scores.caseName) }
      report.pictures.append(made)
    }
    if !lackImages.isEmpty {
      report.notes.append(
        "There are no images of \(lackImages.joined(separator: ", ")) in the expected places; give"
          + " their folder with -i.")
    }
  }

  private func shownSet(of report: Report) -> EvaluatedSet? {
    if let choice = report.selection?.choice,
      let chosen = report.results.first(where: { $0.members == choice.members })
    {
      return chosen
    }
    return report.results.max {
      ($0.summary.meanForegroundDice.isNaN ? -1 : $0.summary.meanForegroundDice)
        < ($1.summary.meanForegroundDice.isNaN ? -1 : $1.summary.meanForegroundDice)
    }
  }

  private func pictures(
    of scores: CaseScores, in folder: URL, _ places: TaskPlaces?
  ) throws -> CasePictures {
    let file = fileName(scores.prediction)
    // Summaries contain absolute paths, which are wrong after a folder was moved.
    let prediction = first([folder.appending(path: file), URL(fileURLWithPath: scores.prediction)])
    let reference = first(
      [URL(fileURLWithPath: scores.reference)]
        + [folder.deletingLastPathComponent().appending(path: FoldConsolidation.referenceFolder)]
        .map { $0.appending(path: fileName(scores.reference)) }
        + (places?.referenceFolders ?? []).map { $0.appending(path: fileName(scores.reference)) })
    let image = try imageFile(
      of: scores.caseName, reference: URL(fileURLWithPath: scores.reference), places
    ).map { try VolumeFile.readVolume(at: $0, channel: limits.channel) }
    return try CasePictures(
      name: scores.caseName, dice: scores.meanForegroundDice, image: image,
      reference: VolumeFile.readLabels(at: reference),
      prediction: VolumeFile.readLabels(at: prediction), limits: limits)
  }

  /// The first existing file; if there is none, the first, which the error then names.
  private func first(_ candidates: [URL]) -> URL {
    candidates.first(where: fileExists) ?? candidates[0]
  }

  private func fileName(_ path: String) -> String {
    String(path.fileName)
  }

  /// The image of a case: in the given folder, in the raw task, or next to the references.
  private func imageFile(of name: String, reference: URL, _ places: TaskPlaces?) throws -> URL? {
    let labels = reference.deletingLastPathComponent()
    let beside = labels.lastPathComponent.substituting("labels", with: "images")
    let raw = places.flatMap { try? workspace.rawTask($0.task) }
    var folders = [images].compactMap { $0 }
    if images == nil {
      folders = raw.map { [$0.appending(path: "imagesTr"), $0.appending(path: "imagesTs")] } ?? []
      if beside != labels.lastPathComponent {
        folders.append(labels.deletingLastPathComponent().appending(path: beside))
      }
    }
    let endings =
      [FileEnding.standard]
      + FileEnding.known.compactMap { FileEnding($0) }.filter { $0 != .standard }
    let names =
      endings.map {
        DatasetDescription.channelFileName(name, channel: limits.channel, ending: $0)
      }
      + (limits.channel == 0
        ? endings.map { $0.fileName(of: name) }
        // One file may have all channels.
        : endings.filter(\.holdsChannels).map {
          DatasetDescription.channelFileName(name, channel: 0, ending: $0)
        })
    return folders.flatMap { folder in names.map { folder.appending(path: $0) } }
      .first(where: fileExists)
  }
}
