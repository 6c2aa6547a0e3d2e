/// What the outputs of a network mean: labels that exclude each other, or regions that overlap.
///
/// Stored in `CASE.json` next to probabilities (``CaseProperties/regionsClassOrder``) and in a
/// model folder as ``fileName``; a model without that file has labels.
package enum LabelScheme: Hashable, Sendable {
  /// Output `i` is the probability of label `i`, including the background: softmax over the
  /// outputs.
  case labels
  /// Output `i` is the probability of a region: a sigmoid of each output.
  ///
  /// In the order of the outputs, a voxel whose probability is above 0.5 gets `classOrder[i]`, which
  /// replaces what an earlier region gave it (nnU-Net's `regions_class_order`).
  case regions(classOrder: [Int])

  /// The name of the file with the scheme in a model folder.
  package static let fileName = "label_scheme.json"

  /// Makes the scheme of nnU-Net's `regions_class_order`: labels if there is none.
  package init(regionsClassOrder: [Int]?) {
    self = regionsClassOrder.map { .regions(classOrder: $0) } ?? .labels
  }

  /// The labels of the regions in the order of the outputs; nil for labels.
  package var regionsClassOrder: [Int]? {
    switch self {
    case .labels: nil
    case .regions(let classOrder): classOrder
    }
  }

  /// Whether a network with this number of outputs can be written as labels of eight bits.
  package func fits(_ outputs: Int) -> Bool {
    switch self {
    case .labels: (1...256).contains(outputs)
    case .regions(let order): order.count == outputs && order.allSatisfy { 0...255 ~= $0 }
    }
  }

  /// Whether numbers can be the labels of regions.
  static func isClassOrder(_ order: [Int]) -> Bool {
    !order.isEmpty && order.allSatisfy { 0...255 ~= $0 }
  }

  /// The number of outputs that a network for `foregroundLabelCount` labels has.
  package func outputCount(foregroundLabelCount: Int) -> Int {
    switch self {
    case .labels: foregroundLabelCount + 1
    case .regions(let classOrder): classOrder.count
    }
  }
}

extension LabelScheme: Codable {
  enum CodingKeys: String, CodingKey {
    case regionsClassOrder = "regions_class_order"
  }

  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    let order = try values.decodeIfPresent([Int].self, forKey: .regionsClassOrder)
    guard order.map(Self.isClassOrder) ?? true else {
      throw DecodingError.dataCorruptedError(
        forKey: .regionsClassOrder, in: values,
        debugDescription: "needs at least one label, each within 0...255")
    }
    self.init(regionsClassOrder: order)
  }

  package func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(regionsClassOrder, forKey: .regionsClassOrder)
  }
}
