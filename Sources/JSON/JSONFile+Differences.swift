extension JSONFile {
  /// Lists the differences between two values of a type, by the keys of their JSON: `batch_size: 2
  /// is now 4`.
  ///
  /// Keys that one value does not have are shown as `null`, which is what they mean. Lists of
  /// different lengths are compared as a whole.
  ///
  /// - Parameters:
  ///   - old: The old value.
  ///   - new: The new value.
  /// - Returns: A line for each difference; none for equal values.
  /// - Throws: `EncodingError` for values that JSON cannot represent.
  package static func differences<Value: Encodable>(
    between old: Value, and new: Value
  ) throws -> [String] {
    var found: [String] = []
    try collect(JSONValueEncoder.encode(old), JSONValueEncoder.encode(new), at: "", into: &found)
    return found
  }

  private static func collect(
    _ old: JSONValue, _ new: JSONValue, at path: String, into found: inout [String]
  ) {
    // Not a number is equal to itself here.
    if JSONWriter.data(old) == JSONWriter.data(new) { return }
    func place(_ key: String) -> String { path.isEmpty ? key : path + "." + key }
    switch (old, new) {
    case (.object(let first), .object(let second)):
      let known = first.map(\.key)
      for key in known + second.map(\.key).filter({ !known.contains($0) }) {
        collect(old[key] ?? .null, new[key] ?? .null, at: place(key), into: &found)
      }
    case (.array(let first), .array(let second)) where first.count == second.count:
      for (index, pair) in zip(first, second).enumerated() {
        collect(pair.0, pair.1, at: place("\(index)"), into: &found)
      }
    default:
      let name = path.isEmpty ? "the whole" : path
      found.append("\(name): \(old.summary) is now \(new.summary)")
    }
  }
}
