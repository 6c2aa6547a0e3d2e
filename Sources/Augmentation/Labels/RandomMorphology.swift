import Arrays

/// Grows, shrinks, closes or opens the masks of a previous segmentation.
///
/// A cascade's second configuration must not trust the first one's borders. The masks are the last
/// channels of the sample. Where a mask grows, the others shrink; lost voxels become background.
/// Source: nnU-Net, `ApplyRandomBinaryOperatorTransform`.
package struct RandomMorphology: RandomTransform, Hashable {
  /// The number of masks.
  package var masks: Int
  /// The probability that a sample is changed.
  package var probability = 0.4
  /// The probability that a mask of such a sample is changed.
  package var maskProbability = 1.0
  /// The range of the ball's radius, in voxels.
  package var radius = 1.0...8.0

  package init(
    masks: Int, probability: Double = 0.4, maskProbability: Double = 1,
    radius: ClosedRange<Double> = 1...8
  ) {
    self.masks = masks
    self.probability = probability
    self.maskProbability = maskProbability
    self.radius = radius
  }

  /// The operations of morphology.
  package enum Kind: String, Hashable, Sendable, CaseIterable {
    case dilation, erosion, closing, opening
  }

  /// The change of one mask.
  package struct Operation: Hashable, Sendable {
    package var mask: Int
    package var kind: Kind
    package var radius: Double

    package init(mask: Int, kind: Kind, radius: Double) {
      self.mask = mask
      self.kind = kind
      self.radius = radius
    }
  }

  /// The operations, in order.
  package struct Parameters: Hashable, Sendable {
    package var operations: [Operation]

    package init(operations: [Operation]) { self.operations = operations }
  }

  package func sample(
    channels: Int, using generator: inout some RandomNumberGenerator
  ) -> Parameters? {
    guard generator.bernoulli(probability) else { return nil }
    var order = Array(0..<masks)
    for last in stride(from: masks - 1, to: 0, by: -1) {
      order.swapAt(last, generator.integer(in: 0...last))
    }
    return Parameters(
      operations: order.compactMap { mask in
        guard generator.bernoulli(maskProbability) else { return nil }
        let kind = Kind.allCases[generator.integer(in: Kind.allCases.indices)]
        return Operation(mask: mask, kind: kind, radius: generator.uniform(in: radius))
      })
  }

  package func apply(_ parameters: Parameters, to sample: inout AugmentationSample) {
    precondition(sample.spatialShape.count == 3, "cascades work on volumes")
    let first = sample.channels - masks
    for operation in parameters.operations {
      let before = sample.mask(first + operation.mask)
      let after = before.changed(operation)
      sample.setMask(first + operation.mask, to: after)
      for other in 0..<masks where other != operation.mask {
        sample.withChannel(first + other) { voxels in
          for index in voxels.indices
          where after.voxels[index] > before.voxels[index] { voxels[index] = 0 }
        }
      }
    }
  }
}

extension BinaryMask {
  fileprivate func changed(_ operation: RandomMorphology.Operation) -> BinaryMask {
    let ball = StructuringElement(ballOfRadius: operation.radius)
    return switch operation.kind {
    case .dilation: dilated(by: ball)
    case .erosion: eroded(by: ball)
    case .closing: closed(by: ball)
    case .opening: opened(by: ball)
    }
  }
}

extension AugmentationSample {
  /// A channel of zeros and ones.
  func mask(_ channel: Int) -> BinaryMask {
    BinaryMask(size: spatialShape, voxels: self.channel(channel).scalars.map { $0 != 0 ? 1 : 0 })
  }

  /// Replaces a channel with zeros and ones.
  mutating func setMask(_ channel: Int, to mask: BinaryMask) {
    withChannel(channel) { voxels in
      for index in voxels.indices { voxels[index] = Float(mask.voxels[index]) }
    }
  }
}
