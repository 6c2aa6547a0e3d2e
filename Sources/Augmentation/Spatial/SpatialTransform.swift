import Arrays
import HostSystem

/// Rotates and scales a patch around its centre and cuts out the middle.
///
/// Images are interpolated with cubic splines and are 0 outside the larger patch; labels are
/// interpolated one against the rest and are 0 (not -1) outside it. If neither rotation nor scale
/// is drawn, the middle is cut out without interpolation. Source: batchgenerators,
/// `augment_spatial`.
package struct SpatialTransform: RandomTransform, Hashable {
  /// The extents of the resulting patch.
  package var patchSize: [Int]
  /// The extents of the patch to read; see ``initialPatchSize(for:angles:smallestScale:)``.
  package var initialPatchSize: [Int]
  /// The probability of a rotation.
  package var rotationProbability = 0.2
  /// The range of the angles in radians: around each of three axes, or one within the plane.
  package var angles: [ClosedRange<Double>]
  /// The probability of a scaling, which is independent of the rotation.
  package var scaleProbability = 0.2
  /// The range of the factors of the coordinates; half of the factors are below 1, and a factor
  /// above 1 shrinks the content.
  package var scale = 0.7...1.4
  /// The probability that a scaling draws a factor for each axis rather than one for all.
  package var independentScaleProbability = 0.0
  /// The probability that an axis of a rotation gets an angle; it stays 0 otherwise.
  package var angleProbability = 1.0
  /// The probability that coordinates are bent before they are rotated and scaled.
  package var elasticProbability = 0.0
  /// How coordinates are bent; nil for not at all.
  package var elastic: ElasticDeformation?
  /// Whether a volume is treated as a stack of slices that are all transformed alike in their plane
  /// ("dummy 2D").
  package var transformsSlices = false

  package init(
    patchSize: [Int], initialPatchSize: [Int], rotationProbability: Double = 0.2,
    angles: [ClosedRange<Double>], scaleProbability: Double = 0.2,
    scale: ClosedRange<Double> = 0.7...1.4, transformsSlices: Bool = false
  ) {
    precondition(
      patchSize.count == initialPatchSize.count
        && zip(patchSize, initialPatchSize).allSatisfy { $0 <= $1 },
      "the patch \(patchSize) does not fit into \(initialPatchSize)")
    self.patchSize = patchSize
    self.initialPatchSize = initialPatchSize
    self.rotationProbability = rotationProbability
    self.angles = angles
    self.scaleProbability = scaleProbability
    self.scale = scale
    self.transformsSlices = transformsSlices
  }

  /// Angles (radians) and scale; `nil` when there is no rotation or no scaling.
  package struct Parameters: Hashable, Sendable {
    package var angles: [Double]?
    package var scale: Double?
    /// A factor for each axis, in place of ``scale``.
    package var axisScales: [Double]?
    /// How coordinates are bent first; nil if they are not.
    package var elastic: ElasticDeformation.Parameters?

    package init(
      angles: [Double]? = nil, scale: Double? = nil, axisScales: [Double]? = nil,
      elastic: ElasticDeformation.Parameters? = nil
    ) {
      self.angles = angles
      self.scale = scale
      self.axisScales = axisScales
      self.elastic = elastic
    }

    /// Whether nothing is interpolated.
    package var isCrop: Bool {
      angles == nil && scale == nil && axisScales == nil && elastic == nil
    }
  }

  package func sample(
    channels: Int, using generator: inout some RandomNumberGenerator
  ) -> Parameters? {
    draw(using: &generator)
  }

  /// Draws the parameters; the patch is cut out in any case.
  package func draw(using generator: inout some RandomNumberGenerator) -> Parameters {
    var parameters = Parameters()
    if let elastic, generator.bernoulli(elasticProbability) {
      parameters.elastic = elastic.draw(size: Array(patchSize.suffix(rank)), using: &generator)
    }
    if generator.bernoulli(rotationProbability) {
      parameters.angles = angles.map {
        generator.bernoulli(angleProbability) ? generator.uniform(in: $0) : 0
      }
    }
    if generator.bernoulli(scaleProbability) {
      if generator.bernoulli(independentScaleProbability) {
        parameters.axisScales = (0..<rank).map { _ in generator.factorAroundOne(in: scale) }
      } else {
        parameters.scale = generator.factorAroundOne(in: scale)
      }
    }
    return parameters
  }

  /// The part of the initial patch that ``apply(_:to:window:)`` reads.
  package func window(for parameters: Parameters) -> PatchWindow {
    guard !parameters.isCrop else {
      return PatchWindow(centerOf: initialPatchSize, size: patchSize)
    }
    // The range of bent coordinates is known only after they are computed.
    guard parameters.elastic == nil else { return PatchWindow(wholePatch: initialPatchSize) }
    let map = affineMap(parameters)
    let inner = SplineCoefficients.window(
      for: box(of: map), imageSize: Array(initialPatchSize.suffix(rank)))
    return rank == patchSize.count
      ? inner
      : PatchWindow(origin: [0] + inner.origin, size: [initialPatchSize[0]] + inner.size)
  }

  /// Transforms a sample that is the whole initial patch.
  package func apply(_ parameters: Parameters, to sample: inout AugmentationSample) {
    precondition(sample.spatialShape == initialPatchSize)
    sample = apply(parameters, to: sample, window: PatchWindow(wholePatch: initialPatchSize))
  }

  /// Transforms a part of the initial patch.
  ///
  /// - Parameters:
  ///   - parameters: What was drawn.
  ///   - sample: The voxels of `window`.
  ///   - window: A part of the initial patch that contains ``window(for:)``.
  /// - Returns: The sample, whose extents are ``patchSize``.
  package func apply(
    _ parameters: Parameters, to sample: AugmentationSample, window: PatchWindow
  ) -> AugmentationSample {
    precondition(sample.spatialShape == window.size, "\(sample.spatialShape) is not \(window)")
    guard !parameters.isCrop else {
      let target = self.window(for: parameters)
      guard window != target else { return sample }
      let origin = zip(target.origin, window.origin).map { $0 - $1 }
      return AugmentationSample(
        data: sample.data.cropped(origin: origin, size: target.size),
        labels: sample.labels.cropped(origin: origin, size: target.size))
    }
    let bent = parameters.elastic.map {
      BentMap(affineMap(parameters), fields: $0.fields(size: Array(patchSize.suffix(rank))))
    }
    return interpolate(sample, parameters, window: window, bent: bent)
  }

  /// Interpolates image and labels, at bent coordinates if there are any.
  func interpolate(
    _ sample: AugmentationSample, _ parameters: Parameters, window: PatchWindow, bent: BentMap?
  ) -> AugmentationSample {
    AugmentationSample(
      data: interpolate(sample.data, parameters, window: window, bent: bent),
      labels: interpolate(sample.labels, parameters, window: window, bent: bent))
  }

  /// The number of axes that are rotated and scaled.
  private var rank: Int { transformsSlices ? 2 : patchSize.count }

  func affineMap(_ parameters: Parameters) -> AffineMap {
    AffineMap(
      angles: parameters.angles ?? [],
      scales: parameters.axisScales ?? Array(repeating: parameters.scale ?? 1, count: rank),
      from: Array(initialPatchSize.suffix(rank)), to: Array(patchSize.suffix(rank)))
  }

  /// The voxels below the lowest and the highest coordinate that lie in the initial patch.
  private func box(of map: AffineMap) -> [ClosedRange<Int>] {
    let bounds = map.bounds(of: Array(patchSize.suffix(rank)))
    return initialPatchSize.suffix(rank).enumerated().map { axis, extent in
      let lane = 3 - rank + axis
      let low = Int(trusted: bounds.low[lane].rounded(.down))
      let high = Int(trusted: bounds.high[lane].rounded(.down))
      return min(max(low, 0), extent - 1)...min(max(high, 0), extent - 1)
    }
  }

  private func interpolate(
    _ data: DenseArray<Float>, _ parameters: Parameters, window: PatchWindow, bent: BentMap?
  ) -> DenseArray<Float> {
    let map = affineMap(parameters)
    let image = Array(initialPatchSize.suffix(rank))
    let box = bent == nil ? box(of: map) : image.map { 0...$0 - 1 }
    let size = Array(patchSize.suffix(rank))
    let channels = data.shape[0]
    func sample(_ spline: SplineCoefficients, into target: UnsafeMutablePointer<Float>) {
      if let bent {
        sampleSpline(spline, at: bent, imageSize: image, into: target)
      } else {
        sampleSpline(spline, map: map, imageSize: image, size: size, into: target)
      }
    }
    return DenseArray(shape: [channels] + patchSize) { result in
      data.scalars.withUnsafeBufferPointer { voxels in
        guard rank == 3 else {
          let planes = data.shape.dropLast(2).trustedProduct
          let stack = PatchWindow(
            origin: [0] + window.origin.suffix(2), size: [planes] + window.size.suffix(2))
          let spline = SplineCoefficients(
            voxels.baseAddress!, window: stack, imageSize: [planes] + image,
            box: [0...planes - 1] + box, axes: 1...2)
          sample(spline, into: result.baseAddress!)
          return
        }
        let (input, output) = (window.size.trustedProduct, size.trustedProduct)
        for channel in 0..<channels {
          let spline = SplineCoefficients(
            voxels.baseAddress! + channel * input, window: window, imageSize: image, box: box,
            axes: 0...2)
          sample(spline, into: result.baseAddress! + channel * output)
        }
      }
    }
  }

  private func interpolate(
    _ labels: DenseArray<Int16>, _ parameters: Parameters, window: PatchWindow, bent: BentMap?
  ) -> DenseArray<Int16> {
    let images = labels.shape.dropLast(rank).trustedProduct
    let inner = PatchWindow(
      origin: window.origin.suffix(rank), size: window.size.suffix(rank))
    return DenseArray(shape: [labels.shape[0]] + patchSize) { result in
      labels.scalars.withUnsafeBufferPointer {
        if let bent {
          sampleLabels(
            $0.baseAddress!, window: inner, at: bent,
            imageSize: Array(initialPatchSize.suffix(rank)), images: images,
            into: result.baseAddress!)
          return
        }
        sampleLabels(
          $0.baseAddress!, window: inner, map: affineMap(parameters),
          imageSize: Array(initialPatchSize.suffix(rank)), size: Array(patchSize.suffix(rank)),
          images: images, into: result.baseAddress!)
      }
    }
  }
}
