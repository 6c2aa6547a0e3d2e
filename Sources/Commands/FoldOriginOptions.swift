import ArgumentParser

/// What commands that combine several folds do if these were made differently.
struct FoldOriginOptions: ParsableArguments {
  @Flag(
    name: .customLong("accept-differences"),
    help: .init(
      "Continue even if folds were trained with plans or a split other than the current ones; the "
        + "differences are listed."))
  var acceptsDifferences = false
}
