extension AugmentationStep: Codable {
  private enum Key: String, CodingKey, CaseIterable {
    case gaussianNoise, gaussianBlur, brightnessMultiplication, brightnessAddition, contrast
    case lowResolution, gamma, mirroring, maskOutside, labelReplacement, labelRegions
    case previousSegmentation, randomMorphology, componentRemoval
  }

  /// Reads an object with one key, the name of the transform.
  public init(from decoder: any Decoder) throws {
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
      }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    switch self {
    case .gaussianNoise(let value): try container.encode(value, forKey: .gaussianNoise)
    case .gaussianBlur(let value): try container.encode(value, forKey: .gaussianBlur)
    case .brightnessMultiplication(let value):
      try container.encode(value, forKey: .brightnessMultiplication)
    case .brightnessAddition(let value): try container.encode(value, forKey: .brightnessAddition)
    case .contrast(let value): try container.encode(value, forKey: .contrast)
    case .lowResolution(let value): try container.encode(value, forKey: .lowResolution)
    case .gamma(let value): try container.encode(value, forKey: .gamma)
    case .mirroring(let value): try container.encode(value, forKey: .mirroring)
    case .maskOutside(let value): try container.encode(value, forKey: .maskOutside)
    case .labelReplacement(let value): try container.encode(value, forKey: .labelReplacement)
    case .labelRegions(let value): try container.encode(value, forKey: .labelRegions)
    case .previousSegmentation(let value):
      try container.encode(value, forKey: .previousSegmentation)
    case .randomMorphology(let value): try container.encode(value, forKey: .randomMorphology)
    case .componentRemoval(let value): try container.encode(value, forKey: .componentRemoval)
    }
  }
}
