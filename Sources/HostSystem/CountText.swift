/// A number with its noun, such as `1 case` and `3 cases`; without `plural`, an `s` is added.
package func countText(_ count: Int, _ singular: String, _ plural: String? = nil) -> String {
  "\(count) \(count == 1 ? singular : plural ?? singular + "s")"
}

/// The first names and how many more there are, such as `a, b and 3 more`.
package func listText(_ names: some Collection<String>, first limit: Int) -> String {
  let shown = names.prefix(limit).joined(separator: ", ")
  return names.count > limit ? "\(shown) and \(names.count - limit) more" : shown
}
