import Foundation
import HostSystem
import JSON
import TestSupport
import Testing

@testable import Plans

/// `CASE.json`: computations rely on lists of three, and on a box within the image.
@Suite struct CasePropertiesTests {
  private var sound: CaseProperties {
    var properties = CaseProperties(
      originalSize: [10, 20, 30], originalSpacing: [3, 1, 1], imageFiles: ["a_0000.nii.gz"],
      labelFile: nil, itkOrigin: [0, -5, 2.5], itkSpacing: [1, 1, 3],
      itkDirection: [1, 0, 0, 0, 1, 0, 0, 0, 1], cropBox: [[1, 9], [0, 20], [5, 25]],
      labels: [-1, 0, 1], sizeAfterCropping: [8, 20, 20])
    properties.sizeAfterResampling = [8, 10, 10]
    properties.spacingAfterResampling = [3, 2, 2]
    return properties
  }

  private func written(_ properties: CaseProperties) throws -> URL {
    let file = try temporaryFolder().appending(path: "case.json")
    try JSONFile.write(properties, to: file)
    return file
  }

  @Test func soundOnesAreReadAsTheyWereWritten() throws {
    #expect(try JSONFile.read(CaseProperties.self, from: written(sound)) == sound)
    var raw = sound
    (raw.sizeAfterResampling, raw.spacingAfterResampling) = (nil, nil)
    #expect(try JSONFile.read(CaseProperties.self, from: written(raw)) == raw)
  }

  @Test func brokenRulesAreNamedWithTheFile() throws {
    let changes: [(key: String, (inout CaseProperties) -> Void)] = [
      ("original_size_of_raw_data", { $0.originalSize = [] }),
      ("original_size_of_raw_data", { $0.originalSize = [10, 1 << 62, 1 << 62] }),
      ("size_after_cropping", { $0.sizeAfterCropping = [0, 20, 20] }),
      ("size_after_resampling", { $0.sizeAfterResampling = [8, 10] }),
      ("original_spacing", { $0.originalSpacing = [3, 1] }),
      ("itk_spacing", { $0.itkSpacing = [1, 1, 0] }),
      ("itk_spacing", { $0.itkSpacing = [1, 1, .infinity] }),
      ("spacing_after_resampling", { $0.spacingAfterResampling = [] }),
      ("itk_origin", { $0.itkOrigin = [1] }),
      ("itk_direction", { $0.itkDirection = [1, 0, 0] }),
      ("itk_direction", { $0.itkDirection[3] = .nan }),
      ("crop_bbox", { $0.cropBox = [[0]] }),
      ("crop_bbox", { $0.cropBox[0] = [] }),
      ("crop_bbox", { $0.cropBox[0] = [9, 1] }),
      ("crop_bbox", { $0.cropBox[0] = [3, 11] }),
      ("crop_bbox", { $0.cropBox[0] = [-1, 7] }),
      ("crop_bbox", { $0.cropBox[0] = [0, 9] }),
      ("crop_bbox", { $0.cropBox[0] = [.max, .min] }),
      ("regions_class_order", { $0.regionsClassOrder = [] }),
      ("regions_class_order", { $0.regionsClassOrder = [1, 256] }),
    ]
    for (index, (key, change)) in changes.enumerated() {
      var properties = sound
      change(&properties)
      let file = try written(properties)
      let error = #expect(throws: JSONError.self, "\(index)") {
        try JSONFile.read(CaseProperties.self, from: file)
      }
      let message = error?.message ?? ""
      #expect(message.contains(key) && message.contains(file.path), "\(index): \(message)")
    }
  }
}
