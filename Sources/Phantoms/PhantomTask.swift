package import Foundation
package import HostSystem
import Imaging
import JSON
import Plans

/// Writes a synthetic task in the layout of the Medical Segmentation Decathlon: dataset.json,
/// imagesTr, labelsTr and imagesTs, and in labelsTs the true labels of the test cases.
///
/// Images with several channels are 4D. The task appears under its name only when it is complete.
///
/// - Parameters:
///   - recipe: The content and number of the images, and the seed.
///   - name: `TaskXX_NAME`.
///   - folder: The folder in which the task's folder is created.
///   - overwrites: Whether an existing task of this name is replaced.
///   - threads: The number of cases to make at once.
///   - reporter: Receives the progress.
/// - Returns: The task's folder.
/// - Throws: ``PhantomError``, or an error that names the file that could not be written.
@discardableResult
package func makePhantomTask(
  _ recipe: PhantomRecipe, name: String = "Task90_Phantoms", in folder: URL,
  overwrites: Bool = false, threads: Int = ProcessInfo.processInfo.activeProcessorCount,
  reporter: any Reporter = SilentReporter()
) throws -> URL {
  try recipe.validate()
  guard name.wholeMatch(of: /Task[0-9]+_[A-Za-z0-9_.-]+/) != nil else {
    throw PhantomError.invalidName(name)
  }
  let target = folder.appending(path: name)
  guard overwrites || !fileExists(target) else {
    throw PhantomError.outputExists(path: target.path)
  }
  sweepLeftovers(in: folder, reporter: reporter)
  let change = try StagedChange(in: folder, for: name)
  try PhantomTaskWriter(recipe: recipe, name: name, folder: change.folder.appending(path: name))
    .write(threads: threads, reporter: reporter)
  try change.commit([name])
  return target
}

/// Writes the files of one task.
private struct PhantomTaskWriter {
  let recipe: PhantomRecipe
  let name: String
  let folder: URL

  func write(threads: Int, reporter: any Reporter) throws {
    for part in ["imagesTr", "labelsTr", "imagesTs", "labelsTs"] {
      try makeFolder(at: folder.appending(path: part))
    }
    let total = recipe.trainingCount + recipe.testCount
    let counter = StepCounter("Making phantoms", total: total, reporter: reporter)
    try forEachInParallel(count: total, threads: threads) { number in
      let isTest = number >= recipe.trainingCount
      try writeCase(isTest ? number - recipe.trainingCount : number, isTest: isTest)
      counter.step()
    }
    try JSONFile.write(description, to: folder.appending(path: "dataset.json"))
  }

  private func writeCase(_ index: Int, isTest: Bool) throws {
    let phantom = PhantomCase(recipe, index: index, isTest: isTest)
    let ending = isTest ? "Ts" : "Tr"
    let file = fileName(index, isTest: isTest)
    // Noise cannot be compressed, so the fast level loses nothing.
    try NIfTIFile.writeSeries(
      phantom.channels, to: folder.appending(path: "images\(ending)/\(file)"), as: .int16,
      compressionLevel: 1)
    try NIfTIFile.write(
      phantom.labels, to: folder.appending(path: "labels\(ending)/\(file)"))
  }

  private func fileName(_ index: Int, isTest: Bool) -> String {
    "\(isTest ? "test" : "phantom")_\((index + 1).zeroPadded(to: 3)).nii.gz"
  }

  private var description: DatasetDescription {
    DatasetDescription(
      name: name,
      description: "Synthetic images (\(recipe.contrast.rawValue)), seed \(recipe.seed)",
      reference: "made by nnUNet_make_phantoms", licence: "CC0", release: "1.0",
      tensorImageSize: recipe.channelCount > 1 ? "4D" : "3D", channelNames: recipe.channelNames,
      labels: recipe.labelNames,
      training: (0..<recipe.trainingCount).map {
        let file = fileName($0, isTest: false)
        return .init(image: "./imagesTr/\(file)", label: "./labelsTr/\(file)")
      },
      test: (0..<recipe.testCount).map { "./imagesTs/\(fileName($0, isTest: true))" })
  }
}
