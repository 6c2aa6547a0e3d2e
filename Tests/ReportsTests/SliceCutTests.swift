import Arrays
import Charts
import Foundation
import Imaging
import Testing

@testable import Reports

@Suite struct SliceCutTests {
  private func cut(
    shape: [Int], spacing: [Double] = [1, 1, 1], direction: [Double] = [1, 0, 0, 0, 1, 0, 0, 0, 1],
    limits: PictureLimits = PictureLimits(), _ mark: (inout DenseArray<UInt8>) -> Void
  ) -> SliceCut {
    var labels = DenseArray<UInt8>(shape: shape, filledWith: 0)
    mark(&labels)
    return SliceCut(
      reference: labels, prediction: DenseArray(shape: shape, filledWith: 0),
      geometry: Geometry(spacing: spacing, direction: direction), limits: limits)
  }

  @Test func theCutSurroundsTheLabels() {
    let cut = cut(shape: [60, 100, 120]) { labels in
      for z in 20..<30 { labels[z, 50, 60] = 2 }
      labels[25, 51, 60] = 1
    }
    #expect(cut.plane == "axial" && cut.step == 1)
    #expect(cut.height == 26 && cut.width == 25, "12 voxels around two by one")
    #expect(cut.slices == Array(19..<31))
    #expect(cut.slices[cut.worstSlice] == 25, "the slice with most wrong voxels")
    #expect(cut.presentLabels == [1, 2])
  }

  @Test func thePicturesAreBounded() {
    var limits = PictureLimits()
    (limits.slices, limits.edge) = (7, 50)
    let cut = cut(shape: [90, 130, 40], limits: limits) { labels in
      for z in 0..<90 { for y in 0..<130 { labels[z, y, 20] = 1 } }
      labels[33, 4, 5] = 1
    }
    #expect(cut.slices.count == 7 && cut.slices.contains(33))
    #expect(cut.step == 3 && cut.height <= 50 && cut.width <= 50)
  }

  @Test func theCoarseAxisIsCutAndSmallOnesAreKept() {
    let coronal = cut(shape: [30, 8, 30], spacing: [1, 4, 1]) { $0[3, 4, 5] = 1 }
    #expect(coronal.plane == "coronal" && coronal.pixelAspect == 1)
    let flat = cut(shape: [1, 30, 30], spacing: [0.5, 1, 999]) { $0[0, 4, 5] = 1 }
    #expect(flat.slices == [0] && flat.pixelAspect == 2)
    let nothing = cut(shape: [4, 10, 12]) { _ in }
    #expect(nothing.height == 10 && nothing.width == 12 && nothing.presentLabels.isEmpty)
  }

  @Test func slicesAreShownAsRadiologistsLookAtThem() throws {
    // x runs to the patient's right here: the picture is turned, so that right is on the left.
    let mirrored = cut(
      shape: [1, 2, 3], direction: [-1, 0, 0, 0, 1, 0, 0, 0, 1]
    ) { $0[0, 0, 0] = 1 }
    let voxels = DenseArray<Float>(shape: [1, 2, 3], scalars: [0, 1, 2, 3, 4, 5])
    #expect(mirrored.labelPicture(columns: 1).pixels[6] == 1)
    let gray = mirrored.gray(voxels, columns: 1).pixels
    #expect(gray[0] > gray[1] && gray[1] > gray[2] && gray[3] > gray[0])
    // Sagittal: superior is on top.
    let sagittal = cut(shape: [3, 3, 1]) { $0[2, 0, 0] = 1 }
    #expect(sagittal.plane == "sagittal")
    #expect(sagittal.labelPicture(columns: 1).pixels[0] == 1)
  }
}
