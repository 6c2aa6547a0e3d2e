/// The properties of a synthetic task.
///
/// The same recipe makes the same files, whatever the number of threads; more training cases do not
/// change the others.
package struct PhantomRecipe: Codable, Hashable, Sendable {
  /// The kind of image, and with it the anatomy.
  package enum Contrast: String, Codable, Hashable, Sendable, CaseIterable {
    /// A curved organ of two parts in a head; intensities in arbitrary units, Rician noise.
    case mr
    /// An organ with lesions in an abdomen; Hounsfield units, Gaussian noise.
    case ct
  }

  package var contrast: Contrast
  /// Channels per case, 1...4: MR weightings, or phases of contrast enhancement in CT.
  package var channelCount: Int
  package var trainingCount: Int
  package var testCount: Int
  /// The mean size in voxels, z, y, x; each case differs by up to a tenth.
  package var size: [Int]
  /// The spacing in mm, z, y, x.
  package var spacing: [Double]
  /// The strength of the noise; 1 is usual, 0 none.
  package var noise: Double
  package var seed: UInt64

  package init(
    contrast: Contrast = .mr, channelCount: Int = 1, trainingCount: Int = 40, testCount: Int = 8,
    size: [Int]? = nil, spacing: [Double] = [1, 1, 1], noise: Double = 1, seed: UInt64 = 1
  ) {
    self.contrast = contrast
    self.channelCount = channelCount
    self.trainingCount = trainingCount
    self.testCount = testCount
    self.size = size ?? Self.defaultSize(contrast)
    self.spacing = spacing
    self.noise = noise
    self.seed = seed
  }

  /// The size in voxels, z, y, x, that shows the whole anatomy at a spacing of 1 mm.
  package static func defaultSize(_ contrast: Contrast) -> [Int] {
    contrast == .mr ? [40, 56, 40] : [40, 40, 56]
  }

  /// The same field of view in thick slices: four times the spacing along z.
  package var anisotropic: PhantomRecipe {
    var recipe = self
    recipe.size[0] = max(size[0] / 4, 1)
    recipe.spacing[0] *= 4
    return recipe
  }

  /// The name of each channel, as dataset.json lists it.
  package var channelNames: [Int: String] {
    let names = contrast == .mr ? ["T1", "T2", "FLAIR", "PD"] : ["CT", "CT", "CT", "CT"]
    return Dictionary(
      // lint: positions
      uniqueKeysWithValues: names.prefix(channelCount).enumerated().map { ($0, $1) })
  }

  /// The name of each label.
  package var labelNames: [Int: String] {
    switch contrast {
    case .mr: [0: "background", 1: "head", 2: "tail"]
    case .ct: [0: "background", 1: "organ", 2: "lesion"]
    }
  }

  /// Checks that images can be made by the recipe.
  ///
  /// - Throws: ``PhantomError/invalidRecipe(_:)``.
  package func validate() throws(PhantomError) {
    func require(_ condition: Bool, _ problem: String) throws(PhantomError) {
      guard condition else { throw .invalidRecipe(problem) }
    }
    try require((1...4).contains(channelCount), "there can be 1 to 4 channels, not \(channelCount)")
    try require(
      (1...100_000).contains(trainingCount),
      "there can be 1 to 100000 training cases, not \(trainingCount)")
    try require(
      (0...100_000).contains(testCount), "there can be 0 to 100000 test cases, not \(testCount)")
    try require(
      size.count == 3 && size.allSatisfy { (1...1024).contains($0) },
      "the size \(size) is not three numbers of 1...1024")
    try require(
      spacing.count == 3 && spacing.allSatisfy { (0.01...1000).contains($0) },
      "the spacing \(spacing) is not three numbers of 0.01...1000 mm")
    try require((0...100).contains(noise), "the noise \(noise) is not in 0...100")
  }
}
