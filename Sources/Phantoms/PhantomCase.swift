import Arrays
import Foundation
import HostSystem
package import Imaging

/// A synthetic case: an image per channel and the true segmentation.
package struct PhantomCase: Sendable {
  package var channels: [Volume]
  package var labels: LabelVolume

  /// Makes a case of a recipe.
  ///
  /// - Parameters:
  ///   - recipe: The content and sizes of the images, and the seed.
  ///   - index: The number of the case among the training or the test cases.
  ///   - isTest: Whether it is a test case; these have their own random numbers.
  package init(_ recipe: PhantomRecipe, index: Int, isTest: Bool) {
    var random = StreamRandom(seed: recipe.seed, stream: isTest ? 1 : 0, UInt64(index))
    let size = recipe.size.map { mean in
      max(Int(trusted: (Double(mean) * random.uniform(in: 0.9...1.1)).rounded()), 1)
    }
    let image: (channels: [DenseArray<Float>], labels: DenseArray<UInt8>)
    switch recipe.contrast {
    case .mr: image = Self.image(of: HeadScene.self, recipe, size, &random)
    case .ct: image = Self.image(of: AbdomenScene.self, recipe, size, &random)
    }
    let spacing = Array(recipe.spacing.reversed())
    let origin = (0..<3).map { axis in
      -0.5 * spacing[axis] * Double(size[2 - axis]) + random.uniform(in: -20...20).rounded()
    }
    let geometry = Geometry(spacing: spacing, origin: origin)
    channels = image.channels.map { Volume(voxels: $0, geometry: geometry) }
    labels = LabelVolume(labels: image.labels, geometry: geometry)
  }

  private static func image<Scene: PhantomScene>(
    of _: Scene.Type, _ recipe: PhantomRecipe, _ size: [Int], _ random: inout StreamRandom
  ) -> (channels: [DenseArray<Float>], labels: DenseArray<UInt8>) {
    let scene = Scene(using: &random)
    let image = PhantomRenderer<Scene>(recipe: recipe, size: size).render(scene, using: &random)
    return (image.channels, image.labels)
  }
}

/// The exponential function of the C library.
func exponential(_ value: Float) -> Float { expf(value) }
