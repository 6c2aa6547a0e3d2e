import Arrays

/// Renders a scene on a voxel grid: partial volume, coil sensitivity and noise.
struct PhantomRenderer<Scene: PhantomScene> {
  var recipe: PhantomRecipe
  /// The size of this case, voxels, z, y, x.
  var size: [Int]

  /// Voxels per channel and labels.
  struct Image {
    var channels: [DenseArray<Float>]
    var labels: DenseArray<UInt8>
  }

  /// Makes an image of `scene`.
  func render(_ scene: Scene, using random: inout StreamRandom) -> Image {
    let (signals, labels) = expose(scene)
    let bias = SmoothField(
      extent: Scene.extent, wavelength: Scene.extent.max() * 1.2, using: &random)
    let channels = (0..<recipe.channelCount).map { channel in
      var values = signals.map { $0[channel] }
      if recipe.contrast == .mr { apply(bias, channel, to: &values) }
      addNoise(to: &values, using: &random)
      return DenseArray(shape: size, scalars: values)
    }
    return Image(channels: channels, labels: DenseArray(shape: size, scalars: labels))
  }

  // MARK: - Partial volume

  /// The position of a voxel's center in the scene.
  private func position(z: Float, y: Float, x: Float) -> SIMD3<Float> {
    let index = SIMD3(x, y, z) + 0.5
    let count = SIMD3(Float(size[2]), Float(size[1]), Float(size[0]))
    return (index / count * 2 - 1) * Scene.extent
  }

  /// The signal and label of every voxel; coarse axes are sampled several times within a voxel.
  private func expose(_ scene: Scene) -> ([SIMD4<Float>], [UInt8]) {
    let voxel = 2 * Scene.extent / SIMD3(Float(size[2]), Float(size[1]), Float(size[0]))
    let counts = (voxel / voxel.min()).rounded(.toNearestOrEven)
      .clamped(lowerBound: SIMD3(repeating: 1), upperBound: SIMD3(repeating: 6))
    let offsets = sampleOffsets(SIMD3<Int32>(counts))
    let blur = (voxel / counts).max()
    let count = size[0] * size[1] * size[2]
    var signals = [SIMD4<Float>](repeating: .zero, count: count)
    var labels = [UInt8](repeating: 0, count: count)
    var index = 0
    for z in 0..<size[0] {
      for y in 0..<size[1] {
        for x in 0..<size[2] {
          let center = position(z: Float(z), y: Float(y), x: Float(x))
          let middle = scene.sample(at: center, blur: blur)
          labels[index] = middle.label
          signals[index] = middle.signal
          if offsets.count > 1 {
            let sum = offsets.reduce(into: SIMD4<Float>.zero) { sum, offset in
              sum += scene.sample(at: center + offset * voxel, blur: blur).signal
            }
            signals[index] = sum / Float(offsets.count)
          }
          index += 1
        }
      }
    }
    return (signals, labels)
  }

  /// Points that divide a voxel evenly, in parts of a voxel from its center.
  private func sampleOffsets(_ counts: SIMD3<Int32>) -> [SIMD3<Float>] {
    func line(_ count: Int32) -> [Float] {
      (0..<count).map { (Float($0) + 0.5) / Float(count) - 0.5 }
    }
    return line(counts.z).flatMap { z in
      line(counts.y).flatMap { y in line(counts.x).map { x in SIMD3(x, y, z) } }
    }
  }

  // MARK: - Acquisition

  /// Multiplies by a smooth sensitivity of about 0.7 to 1.4, and by a scale of the case.
  private func apply(_ bias: SmoothField, _ channel: Int, to values: inout [Float]) {
    var index = 0
    for z in 0..<size[0] {
      for y in 0..<size[1] {
        for x in 0..<size[2] {
          let field = bias(position(z: Float(z), y: Float(y), x: Float(x)))[channel]
          values[index] *= exponential(0.16 * min(max(field, -2), 2))
          index += 1
        }
      }
    }
  }

  /// Rician noise for MR (the magnitude of a complex signal), Gaussian noise for CT.
  private func addNoise(to values: inout [Float], using random: inout StreamRandom) {
    let deviation = Float(recipe.noise) * (recipe.contrast == .mr ? 4.5 : 16)
    let real = noise(count: values.count, deviation, &random)
    switch recipe.contrast {
    case .ct:
      for index in values.indices { values[index] = max(values[index] + real[index], -1024) }
    case .mr:
      let imaginary = noise(count: values.count, deviation, &random)
      let scale = random.number(3...6)
      for index in values.indices {
        let sum = values[index] + real[index]
        values[index] = scale * (sum * sum + imaginary[index] * imaginary[index]).squareRoot()
      }
    }
  }

  private func noise(
    count: Int, _ deviation: Float, _ random: inout StreamRandom
  ) -> [Float] {
    var values = [Float](repeating: 0, count: count)
    values.withUnsafeMutableBufferPointer {
      random.fillWithGaussians($0, standardDeviation: deviation)
    }
    return values
  }
}
