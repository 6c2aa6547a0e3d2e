public import Foundation
import HostSystem

extension TrainingRecipe {
  /// A recipe from a JSON file with the differences from another recipe.
  ///
  /// The keys are those of ``TrainingRecipe``; `network`, `schedule` and `cascade` may be given in
  /// part, null means the default of optional values. Without the key `name`, the recipe is named
  /// after the base and the file.
  ///
  /// - Throws: `FileError`, or ``TrainingError/invalidRecipe(path:reason:)`` naming what is wrong.
  public init(contentsOf url: URL, base: TrainingRecipe) throws {
    func invalid(_ reason: String) -> TrainingError {
      .invalidRecipe(path: url.path, reason: reason)
    }
    let file = try MappedFile(at: url)
    let data = withExtendedLifetime(file) { Data(file.bytes) }
    guard let changes = try? JSONSerialization.jsonObject(with: data) as? [String: Any] else {
      throw invalid("it is not a JSON object")
    }
    var object = try Self.object(of: base)
    object["name"] = base.name + "_" + url.deletingPathExtension().lastPathComponent
    for (key, value) in changes {
      if ["network", "schedule", "cascade"].contains(key), let inner = value as? [String: Any],
        let before = object[key] as? [String: Any]
      {
        object[key] = before.merging(inner) { $1 }
      } else {
        object[key] = value
      }
    }
    do {
      self = try JSONDecoder().decode(
        TrainingRecipe.self, from: JSONSerialization.data(withJSONObject: object))
    } catch let error as DecodingError {
      throw invalid(Self.explanation(of: error))
    }
    if let unknown = try Self.unknownKey(in: changes, of: Self.object(of: self)) {
      throw invalid("a recipe has no \(unknown)")
    }
    if let reason = reasonForRefusal { throw invalid(reason) }
  }

  /// The largest number of epochs, iterations or samples: a training with more would outlast its
  /// machine.
  public static let largestCount = 1_000_000

  /// Why no training can use this recipe; nil if it is valid.
  var reasonForRefusal: String? {
    let counts = [
      ("epochs", epochs), ("iterationsPerEpoch", iterationsPerEpoch),
      ("validationIterationsPerEpoch", validationIterationsPerEpoch),
      ("epochsPerCheckpoint", epochsPerCheckpoint), ("batchSize", batchSize ?? 1),
    ]
    if let (key, value) = counts.first(where: { !(1...Self.largestCount).contains($0.1) }) {
      return "\(key) is \(value), but must be 1 to \(Self.largestCount)"
    }
    if !(0...1).contains(foregroundFraction) {
      return "foregroundFraction is \(foregroundFraction), but must be between 0 and 1"
    }
    if !(schedule.initialRate > 0 && schedule.initialRate.isFinite) {
      return "initialRate must be above 0"
    }
    if !(gradientNormLimit > 0) { return "gradientNormLimit must be above 0" }
    let starts = schedule.phases.map(\.firstEpoch)
    if starts.first != 0 || starts != starts.sorted() {
      return "the phases of the schedule must begin at epoch 0 and be in order"
    }
    for case .cycle(let period, _, _) in schedule.phases.map(\.shape)
    where !(2...Self.largestCount).contains(period) {
      return "a cycle has \(period) epochs, but must have 2 to \(Self.largestCount)"
    }
    if let patience = schedule.plateau?.patience, !(0...Self.largestCount).contains(patience) {
      return "patience is \(patience), but must be 0 to \(Self.largestCount)"
    }
    if let ramp = momentumRamp,
      !(0...Self.largestCount).contains(ramp.firstEpoch)
        || !(1...Self.largestCount).contains(ramp.epochs)
    {
      return "a momentumRamp needs a firstEpoch of 0 or more and at least one epoch"
    }
    // Networks have at most three axes; those of a 2D network are checked when the plans are known.
    if let axes = mirrorAxes, !axes.allSatisfy({ 0..<3 ~= $0 }) || Set(axes).count < axes.count {
      return "mirrorAxes are \(axes), but must be different numbers out of 0, 1 and 2"
    }
    if !(1...CascadeRecipe.largestRadiusAllowed).contains(cascade.largestRadius) {
      return "largestRadius is \(cascade.largestRadius), but must be 1 to"
        + " \(CascadeRecipe.largestRadiusAllowed)"
    }
    if name.isEmpty || name.holds("/") || name.holds("__") {
      return "the name \"\(name)\" cannot be part of a folder's name"
    }
    if let option = network.optionUnknownToV2 {
      return "\(network.architecture.rawValue) has no option network.\(option)"
    }
    return reasonForRefusalOfLoss
  }

  private var reasonForRefusalOfLoss: String? {
    if loss.terms.isEmpty { return "the loss has no terms" }
    if loss.terms.contains(where: { !$0.kind.fits(regions: regions != nil) }) {
      return regions == nil
        ? "binaryCrossEntropy and regionDice are for regions only"
        : "regions need a loss of binaryCrossEntropy and regionDice"
    }
    if let regions, regions.isEmpty || regions.contains(where: { $0.labels.isEmpty }) {
      return "every region needs labels"
    }
    // They are stored with eight bits.
    for region in (regions ?? []) + (wholeCaseEvaluation?.regions ?? []) {
      if let label = (region.labels + [region.exportedAs]).first(where: { !(0...255 ~= $0) }) {
        return "the region \(region.name) has the label \(label), but labels must be 0 to 255"
      }
    }
    if let transition = loss.transition,
      transition.weights.count != loss.terms.count || transition.to <= transition.from
        || ![transition.from, transition.to].allSatisfy((0...Self.largestCount).contains)
    {
      return "a transition needs one weight per term and an end after its beginning, both 0 to"
        + " \(Self.largestCount)"
    }
    for case .focal(_, let gamma) in loss.terms.map(\.kind) where !(0...100).contains(gamma) {
      return "gamma is \(gamma), but must be 0 to 100"
    }
    for case .topCrossEntropy(let percent) in loss.terms.map(\.kind)
    where !(percent > 0 && percent <= 100) {
      return "percent is \(percent), but must be above 0 and at most 100"
    }
    return nil
  }

  private static func object(of recipe: TrainingRecipe) throws -> [String: Any] {
    let data = try JSONEncoder().encode(recipe)
    return try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
  }

  /// The path of a key that decoding ignored.
  private static func unknownKey(in changes: [String: Any], of known: [String: Any]) -> String? {
    for (key, value) in changes.sorted(by: { $0.key < $1.key }) where !(value is NSNull) {
      guard let understood = known[key] else { return key }
      if let inner = value as? [String: Any], let outer = understood as? [String: Any],
        let unknown = unknownKey(in: inner, of: outer)
      {
        return "\(key).\(unknown)"
      }
    }
    return nil
  }

  private static func explanation(of error: DecodingError) -> String {
    func place(_ path: [any CodingKey], _ last: String? = nil) -> String {
      let names =
        path.map { $0.intValue.map { "\($0)" } ?? $0.stringValue } + (last.map { [$0] } ?? [])
      return names.joined(separator: ".")
    }
    return switch error {
    case .keyNotFound(let key, let context):
      "\(place(context.codingPath, key.stringValue)) is missing"
    case .typeMismatch(_, let context), .valueNotFound(_, let context),
      .dataCorrupted(let context):
      "\(place(context.codingPath)) is not valid: \(context.debugDescription)"
    @unknown default: "\(error)"
    }
  }
}
