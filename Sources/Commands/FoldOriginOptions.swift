import ArgumentParser

/// What commands that conclude from several folds do where these were not made alike.
struct FoldOriginOptions: ParsableArguments {
  @Flag(
    name: .customLong("accept-differences"),
    help: .init(
      "Continue even if folds were trained with plans or a split other than the current ones; the "
        + "differences are listed."))
  var acceptsDifferences = false
}
