import Arrays
import Charts
package import Foundation
package import HostSystem
import Imaging
import Plans
import Preprocessing

/// Draws a picture of every training case: the slice with the most foreground, with its
/// segmentation over it.
///
/// Source: nnU-Net v1, `nnUNet_plot_task_pngs`. The spacing is ignored; small cases are enlarged,
/// each voxel to a square.
package struct TaskOverview: Sendable {
  /// The channel that is drawn.
  package var channel: Int
  package var threads: Int
  package var reporter: any Reporter

  package init(channel: Int, threads: Int, reporter: any Reporter) {
    self.channel = channel
    self.threads = threads
    self.reporter = reporter
  }

  /// Draws the raw images of a task.
  ///
  /// - Returns: The number of pictures.
  /// - Throws: ``ReportError/filesMissing(_:)`` naming all images that are missing, before any work.
  package func drawRaw(task: URL, into output: URL) throws -> Int {
    let labels = task.appending(path: "labelsTr")
    let ending = FileEnding(ofImagesIn: labels)
    let names = ending.names(in: labels).map(caseIdentifier(ofListedImage:))
    guard !names.isEmpty else { throw ReportError.noCases(folder: labels.path) }
    let images = names.map { name in
      let files = [channel, 0].map {
        task.appending(path: "imagesTr").appending(
          path: DatasetDescription.channelFileName(name, channel: $0, ending: ending))
      }
      // One file may have all channels.
      return ending.holdsChannels && !fileExists(files[0]) ? files[1] : files[0]
    }
    let missing = images.filter { !fileExists($0) }
    guard missing.isEmpty else { throw ReportError.filesMissing(missing.map(\.path)) }
    return try draw(names, into: output) { name, index in
      let image = try VolumeFile.readVolume(at: images[index], channel: channel).voxels
      let segmentation = try VolumeFile.readLabels(
        at: labels.appending(path: ending.fileName(of: name))
      ).labels
      guard image.shape == segmentation.shape else {
        throw ReportError.differentShapes(
          case: name, image: image.shape, labels: segmentation.shape)
      }
      return image.scalars.withUnsafeBufferPointer { image in
        segmentation.scalars.withUnsafeBufferPointer { labels in
          Self.picture(shape: segmentation.shape, image: image) { Int(labels[$0]) }
        }
      }
    }
  }

  /// Draws the prepared cases of a task, of its highest resolution.
  ///
  /// - Parameters:
  ///   - task: The task's preprocessed folder.
  ///   - dataIdentifier: The beginning of the names of the folders with prepared cases.
  ///   - output: The folder of the pictures.
  /// - Returns: The number of pictures.
  /// - Throws: ``ReportError/noPreparedTask(folder:prefix:)``.
  package func drawPrepared(
    task: URL, dataIdentifier: String, into output: URL
  ) throws -> Int {
    let names = (try? folderNames(in: task)) ?? []
    guard let folder = names.filter({ $0.begins(with: "\(dataIdentifier)_stage") }).max() else {
      throw ReportError.noPreparedTask(folder: task.path, prefix: dataIdentifier)
    }
    let store = PreparedStore(folder: task.appending(path: folder))
    let cases = try store.identifiers()
    guard !cases.isEmpty else { throw ReportError.noCases(folder: store.folder.path) }
    return try draw(cases, into: output) { name, _ in
      let prepared = try store.open(name)
      guard channel < prepared.channelCount else {
        throw ReportError.noSuchChannel(channel, count: prepared.channelCount, case: name)
      }
      let count = prepared.shape.trustedProduct
      return try prepared.array.withScalars { all in
        let labels = UnsafeBufferPointer(rebasing: all[(prepared.channelCount * count)...])
        let image = UnsafeBufferPointer(rebasing: all[(channel * count)..<((channel + 1) * count)])
        // -1 marks voxels outside the nonzero mask.
        return Self.picture(shape: prepared.shape, image: image) {
          Int(nearest: Double(labels[$0]), within: 0...255) ?? 0
        }
      }
    }
  }

  private func draw(
    _ names: [String], into output: URL,
    _ picture: @Sendable (_ name: String, _ index: Int) throws -> PixelImage
  ) throws -> Int {
    try makeFolder(at: output)
    sweepLeftovers(in: output, reporter: reporter)
    let counter = StepCounter("drawing", total: names.count, reporter: reporter)
    try forEachInParallel(count: names.count, threads: threads) { index in
      let png = try picture(names[index], index).png()
      try AtomicFile.write(png, to: output.appending(path: "\(names[index]).png"))
      counter.step()
    }
    return names.count
  }

  private static func picture(
    shape: [Int], image: UnsafeBufferPointer<Float>, label: (Int) -> Int
  ) -> PixelImage {
    let area = shape[1] * shape[2]
    let counts = (0..<shape[0]).map { slice in
      (slice * area..<(slice + 1) * area).count { label($0) > 0 }
    }
    let range = OverlayPicture.slice(of: counts) * area
    let pixels = range..<range + area
    // A small case would be tiny on a screen.
    return OverlayPicture.image(
      slice: pixels.map { image[$0] }, labels: pixels.map(label), width: shape[2], height: shape[1]
    ).enlarged(toShow: 512)
  }
}
