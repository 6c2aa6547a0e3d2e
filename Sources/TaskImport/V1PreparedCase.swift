import Archives
import Arrays
import Foundation
import HostSystem
import JSON
import ModelExchange
import Plans
import Preprocessing

/// A case in the format of the Python nnU-Net v1: `CASE.npz` and `CASE.pkl`.
struct V1PreparedCase {
  let prepared: PreparedCase
  let locations: ClassLocations

  /// Reads a case.
  ///
  /// - Parameters:
  ///   - identifier: The case's name.
  ///   - folder: Contains the case's two files.
  ///   - classes: The foreground labels in the order of the plans.
  /// - Throws: ``TaskImportError/wrongCase(file:problem:)`` if the two files contradict each other
  ///   or an unexpected label was found; `FileError`, `ArchiveError`, `NPYError`, `ExchangeError`
  ///   or `JSONError` for a missing or damaged file.
  init(_ identifier: String, in folder: URL, classes: [Int]) throws {
    let arrayFile = folder.appending(path: identifier + ".npz")
    let pickle = folder.appending(path: identifier + ".pkl")
    let value = try V1Model.pickle(contentsOf: pickle)
    let properties = try JSONFile.decode(
      CaseProperties.self, from: value.json(path: pickle.path, without: ["class_locations"]),
      path: pickle.path)
    let array = try NPZFile(at: arrayFile).readFloats("data")
    let size = properties.sizeAfterResampling ?? properties.sizeAfterCropping
    let channels = properties.imageFiles.count
    guard array.shape == [channels + 1] + size else {
      throw TaskImportError.wrongCase(
        file: arrayFile.path,
        problem: "its shape is \(array.shape), but \(pickle.lastPathComponent) says "
          + "\([channels + 1] + size)")
    }
    let count = size.trustedProduct
    let labels = try array.scalars[(channels * count)...].map { label in
      guard let whole = Int16(exactly: label) else {
        throw TaskImportError.wrongCase(file: arrayFile.path, problem: "it has the label \(label)")
      }
      return whole
    }
    prepared = PreparedCase(
      data: DenseArray(
        shape: [channels] + size, scalars: Array(array.scalars[..<(channels * count)])),
      labels: DenseArray(shape: size, scalars: labels), properties: properties)
    locations = try Self.locations(value, classes: classes, size: size, file: pickle.path)
  }

  /// The voxels of each class that v1 chose.
  private static func locations(
    _ value: PickleValue, classes: [Int], size: [Int], file: String
  ) throws -> ClassLocations {
    var rows: [Int32] = []
    for label in classes {
      guard
        let entry = value["class_locations"]?.entries?.first(where: { $0.key.integer == label })
      else {
        throw TaskImportError.wrongCase(
          file: file, problem: "it has no class_locations of label \(label)")
      }
      guard let (shape, voxels) = entry.value.wholeNumbers,
        voxels.isEmpty || shape.count == 2 && shape[1] == 3
      else {
        throw TaskImportError.wrongCase(
          file: file, problem: "the class_locations of label \(label) are not rows of z, y, x")
      }
      for start in stride(from: 0, to: voxels.count, by: 3) {
        let place = voxels[start..<start + 3]
        guard zip(place, size).allSatisfy({ 0..<$1 ~= $0 }) else {
          throw TaskImportError.wrongCase(
            file: file, problem: "a voxel of label \(label) lies outside the case")
        }
        rows.append(Int32(label))
        rows += place.map(Int32.init)
      }
    }
    return ClassLocations(rows: DenseArray(shape: [rows.count / 4, 4], scalars: rows))
  }
}
