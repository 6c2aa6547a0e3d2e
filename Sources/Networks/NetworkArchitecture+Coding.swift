extension NetworkArchitecture {
  private enum Kind: String, CodingKey { case genericUNet, dynamicUNet }
  private enum Content: String, CodingKey { case configuration = "_0" }

  /// Reads an architecture; files from before networks had kinds contain v1's.
  public init(from decoder: any Decoder) throws {
    let kinds = try decoder.container(keyedBy: Kind.self)
    func configuration<Value: Decodable>(_ kind: Kind) throws -> Value {
      try kinds.nestedContainer(keyedBy: Content.self, forKey: kind)
        .decode(Value.self, forKey: .configuration)
    }
    if kinds.contains(.dynamicUNet) {
      let dynamic: DynamicUNetConfiguration = try configuration(.dynamicUNet)
      if let problem = dynamic.problem {
        throw DecodingError.dataCorruptedError(
          forKey: .dynamicUNet, in: kinds, debugDescription: "impossible network: \(problem)")
      }
      self = .dynamicUNet(dynamic)
    } else if kinds.contains(.genericUNet) {
      self = .genericUNet(try configuration(.genericUNet))
    } else {
      self = .genericUNet(try UNetConfiguration(from: decoder))
    }
  }

  /// Writes the kind and, under it, the configuration.
  public func encode(to encoder: any Encoder) throws {
    var kinds = encoder.container(keyedBy: Kind.self)
    func write(_ configuration: some Encodable, _ kind: Kind) throws {
      var content = kinds.nestedContainer(keyedBy: Content.self, forKey: kind)
      try content.encode(configuration, forKey: .configuration)
    }
    switch self {
    case .genericUNet(let configuration): try write(configuration, .genericUNet)
    case .dynamicUNet(let configuration): try write(configuration, .dynamicUNet)
    }
  }
}
