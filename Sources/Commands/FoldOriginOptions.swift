import ArgumentParser

/// What commands that conclude from several folds do where these were not made alike.
struct FoldOriginOptions: ParsableArguments {
  @Flag(
    name: .customLong("accept-differences"),
    help: .init(
      "Go on although folds were trained with other plans or another split than those of now; what "
        + "differs is listed."))
  var acceptsDifferences = false
}
