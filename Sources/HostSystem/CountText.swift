/// A number with its noun, such as `1 case` and `3 cases`.
///
/// - Parameters:
///   - count: The number.
///   - singular: The noun for one.
///   - plural: The noun for any other number; nil adds an `s`.
package func countText(_ count: Int, _ singular: String, _ plural: String? = nil) -> String {
  "\(count) \(count == 1 ? singular : plural ?? singular + "s")"
}
