/// A number with its noun, such as `1 case` and `3 cases`; without `plural`, an `s` is added.
package func countText(_ count: Int, _ singular: String, _ plural: String? = nil) -> String {
  "\(count) \(count == 1 ? singular : plural ?? singular + "s")"
}
