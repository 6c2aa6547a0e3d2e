import HostSystem

/// The layout of summary.json, key for key that of nnU-Net v1.
extension SegmentationSummary: Codable {
  private enum Key: String, CodingKey {
    case author, description
    case identifier = "id"
    case experimentName = "experiment_name"
    case name, results, task, timestamp
  }

  private enum ResultKey: String, CodingKey {
    case cases = "all"
    case means = "mean"
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: Key.self)
    author = try container.decodeIfPresent(String.self, forKey: .author) ?? ""
    description = try container.decodeIfPresent(String.self, forKey: .description) ?? ""
    identifier = try container.decodeIfPresent(String.self, forKey: .identifier) ?? ""
    name = try container.decodeIfPresent(String.self, forKey: .name) ?? ""
    task = try container.decodeIfPresent(String.self, forKey: .task) ?? ""
    timestamp = try container.decodeIfPresent(String.self, forKey: .timestamp) ?? ""
    experimentName = try container.decodeIfPresent(String.self, forKey: .experimentName)
    let results = try container.nestedContainer(keyedBy: ResultKey.self, forKey: .results)
    cases = try results.decode([CaseScores].self, forKey: .cases)
    let means = try results.nestedContainer(keyedBy: NameKey.self, forKey: .means)
    self.means = try decodeLabels(means)
    foregroundMean = try means.decodeIfPresent(LabelScores.self, forKey: "mean")
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(author, forKey: .author)
    try container.encode(description, forKey: .description)
    try container.encode(identifier, forKey: .identifier)
    try container.encode(name, forKey: .name)
    try container.encode(task, forKey: .task)
    try container.encode(timestamp, forKey: .timestamp)
    try container.encodeIfPresent(experimentName, forKey: .experimentName)
    var results = container.nestedContainer(keyedBy: ResultKey.self, forKey: .results)
    try results.encode(cases, forKey: .cases)
    var means = results.nestedContainer(keyedBy: NameKey.self, forKey: .means)
    for (label, scores) in self.means { try means.encode(scores, forKey: NameKey("\(label)")) }
    try means.encodeIfPresent(foregroundMean, forKey: "mean")
  }
}

extension CaseScores: Codable {
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: NameKey.self)
    reference = try container.decodeIfPresent(String.self, forKey: "reference") ?? ""
    prediction = try container.decodeIfPresent(String.self, forKey: "test") ?? ""
    labels = try decodeLabels(container)
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: NameKey.self)
    try container.encode(reference, forKey: "reference")
    try container.encode(prediction, forKey: "test")
    for (label, scores) in labels { try container.encode(scores, forKey: NameKey("\(label)")) }
  }
}

/// Reading a file skips metrics that this version does not know.
extension LabelScores: Codable {
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: NameKey.self)
    values = [:]
    for key in container.allKeys {
      guard let metric = Metric(rawValue: key.stringValue) else { continue }
      values[metric] = try container.decode(Double.self, forKey: key)
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: NameKey.self)
    for (metric, value) in values {
      if metric.isVoxelCount, let count = Int(exactly: value) {
        try container.encode(count, forKey: NameKey(metric.rawValue))
      } else {
        try container.encode(value, forKey: NameKey(metric.rawValue))
      }
    }
  }
}

/// The entries whose keys are whole numbers.
private func decodeLabels(
  _ container: KeyedDecodingContainer<NameKey>
) throws -> [Int: LabelScores] {
  var labels: [Int: LabelScores] = [:]
  for key in container.allKeys {
    guard let label = Int(key.stringValue) else { continue }
    labels[label] = try container.decode(LabelScores.self, forKey: key)
  }
  return labels
}

/// A key that is only known when the program runs.
private struct NameKey: CodingKey, ExpressibleByStringLiteral {
  let stringValue: String
  var intValue: Int? { nil }

  init(_ name: String) { stringValue = name }
  init(stringLiteral name: String) { stringValue = name }
  init?(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}
