import Imaging
package import Plans
import Preprocessing

/// Compares an image's geometry with that of the images a model was trained on.
///
/// Reads the header only. A network sees every image at one spacing, but an image that is much
/// coarser or finer than everything in training still looks different.
package struct GeometryCheck {
  /// The factor by which an edge of a voxel may be longer or shorter than all in training.
  static let tolerance = 1.5

  private let shortest: [Double]
  private let longest: [Double]

  init(shortest: [Double], longest: [Double]) {
    self.shortest = shortest
    self.longest = longest
  }

  package init(_ plans: ExperimentPlans) {
    let spacings = plans.originalSpacings.filter { $0.count == 3 }
    shortest = (0..<3).map { axis in spacings.map { $0[axis] }.min() ?? 0 }
    longest = (0..<3).map { axis in spacings.map { $0[axis] }.max() ?? .infinity }
  }

  /// The differences from training, in words; empty if there are none or the file cannot be read.
  package func differences(of imageCase: ImageCase) -> [String] {
    // A file that cannot be read is reported when the case is prepared.
    guard let first = imageCase.imageFiles.first,
      let geometry = try? VolumeFile.readHeader(at: first).geometry
    else { return [] }
    return differences(spacing: geometry.arraySpacing)
  }

  func differences(spacing: [Double]) -> [String] {
    (0..<3).compactMap { axis in
      let value = spacing[axis]
      guard value < shortest[axis] / Self.tolerance || value > longest[axis] * Self.tolerance
      else { return nil }
      return "its spacing along \(["z", "y", "x"][axis]) is \(value) mm, in training it was "
        + (shortest[axis] == longest[axis]
          ? "\(shortest[axis]) mm" : "\(shortest[axis]) to \(longest[axis]) mm")
    }
  }
}
