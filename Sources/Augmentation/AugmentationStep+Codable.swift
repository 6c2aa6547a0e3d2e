extension AugmentationStep: Codable {
  private enum Key: String, CodingKey, CaseIterable {
    case gaussianNoise, gaussianBlur, brightnessMultiplication, brightnessAddition, contrast
    case lowResolution, gamma, mirroring, maskOutside, labelReplacement, labelRegions
    case previousSegmentation, randomMorphology, componentRemoval
    case oneOf, medianFilter, sharpening, blankRectangles, brightnessGradient, localGamma
    case quarterTurns, axisTransposition, registered
  }

  /// Reads an object with one key, the name of the transform.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    guard let key = container.allKeys.first, container.allKeys.count == 1 else {
      throw DecodingError.dataCorrupted(
        .init(
          codingPath: decoder.codingPath,
          debugDescription: "expected one of the transforms "
            + Key.allCases.map(\.rawValue).joined(separator: ", ")))
    }
    func value<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
      try container.decode(type, forKey: key)
    }
    self =
      switch key {
      case .gaussianNoise: .gaussianNoise(try value())
      case .gaussianBlur: .gaussianBlur(try value())
      case .brightnessMultiplication: .brightnessMultiplication(try value())
      case .brightnessAddition: .brightnessAddition(try value())
      case .contrast: .contrast(try value())
      case .lowResolution: .lowResolution(try value())
      case .gamma: .gamma(try value())
      case .mirroring: .mirroring(try value())
      case .maskOutside: .maskOutside(try value())
      case .labelReplacement: .labelReplacement(try value())
      case .labelRegions: .labelRegions(try value())
      case .previousSegmentation: .previousSegmentation(try value())
      case .randomMorphology: .randomMorphology(try value())
      case .componentRemoval: .componentRemoval(try value())
      case .oneOf: .oneOf(try value())
      case .medianFilter: .medianFilter(try value())
      case .sharpening: .sharpening(try value())
      case .blankRectangles: .blankRectangles(try value())
      case .brightnessGradient: .brightnessGradient(try value())
      case .localGamma: .localGamma(try value())
      case .quarterTurns: .quarterTurns(try value())
      case .axisTransposition: .axisTransposition(try value())
      case .registered: .registered(try value())
      }
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(transform, forKey: key)
  }

  private var key: Key {
    switch self {
    case .gaussianNoise: .gaussianNoise
    case .gaussianBlur: .gaussianBlur
    case .brightnessMultiplication: .brightnessMultiplication
    case .brightnessAddition: .brightnessAddition
    case .contrast: .contrast
    case .lowResolution: .lowResolution
    case .gamma: .gamma
    case .mirroring: .mirroring
    case .maskOutside: .maskOutside
    case .labelReplacement: .labelReplacement
    case .labelRegions: .labelRegions
    case .previousSegmentation: .previousSegmentation
    case .randomMorphology: .randomMorphology
    case .componentRemoval: .componentRemoval
    case .oneOf: .oneOf
    case .medianFilter: .medianFilter
    case .sharpening: .sharpening
    case .blankRectangles: .blankRectangles
    case .brightnessGradient: .brightnessGradient
    case .localGamma: .localGamma
    case .quarterTurns: .quarterTurns
    case .axisTransposition: .axisTransposition
    case .registered: .registered
    }
  }
}
