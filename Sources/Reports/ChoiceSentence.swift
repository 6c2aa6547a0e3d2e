import ModelSelection
import Plans

/// The choice among a task's models in words, with the names in the ranking.
struct ChoiceSentence {
  let choice: ModelChoice
  let part: SelectionPart
  let results: [EvaluatedSet]

  init(_ choice: ModelChoice, _ part: SelectionPart, results: [EvaluatedSet]) {
    self.choice = choice
    self.part = part
    self.results = results
  }

  /// What was chosen, from which models, and whether the current results agree.
  var text: String {
    let folds = choice.folds.map(String.init).joined(separator: ", ")
    let those = "fold\(choice.folds.count == 1 ? "" : "s") \(folds)"
    let use =
      choice.members.count > 1
      ? "the probabilities of its models, \(those), are averaged"
      : "it predicts alone, with \(those)"
    let article = choice.members.count > 1 ? "the " : ""
    return
      (["The choice is \(article)\(chosen): \(use).", compared, disagreement].compactMap(\.self))
      .joined(separator: " ")
  }

  private var chosen: String { name(of: choice.members) }

  /// The name in the table, or one of the same form.
  private func name(of members: [ModelIdentity]) -> String {
    if let set = results.first(where: { $0.members == members }) { return set.name }
    let names = members.map(\.configuration.rawValue).joined(separator: " and ")
    return members.count > 1 ? "ensemble of " + names : names
  }

  /// The models that were compared.
  private var compared: String? {
    guard let candidates = choice.candidates, candidates.count > 1 else { return nil }
    let names = candidates.map { name(of: [$0]) }
    let list = names.dropLast().joined(separator: ", ") + " and " + (names.last ?? "")
    let averages = results.contains { set in
      set.members.count > 1 && set.members.allSatisfy(candidates.contains)
    }
    return "These models were compared: \(list)"
      + (averages ? ", and averages of two of them." : ".")
  }

  /// Models may have been trained or validated since then.
  private var disagreement: String? {
    guard let best = part.rows.first(where: \.isBest) else { return nil }
    let row = part.rows.first { $0.name == chosen }
    guard let row else {
      return "Its results no longer exist; run nnUNet_find_best_configuration to choose again."
    }
    // Equally good models differ only in cost.
    guard !row.isBest, row.dice != best.dice else { return nil }
    return "By the current results, the best is \(best.name); "
      + "run nnUNet_find_best_configuration to choose again."
  }
}
