extension KeyedDecodingContainer {
  /// Replaces a value with the stored one, if there is one.
  ///
  /// - Parameters:
  ///   - value: The default, and afterwards the stored value.
  ///   - key: The key of the stored value.
  /// - Throws: `DecodingError` if the stored value has another type.
  package func update<Value: Decodable>(_ value: inout Value, _ key: Key) throws {
    if let stored = try decodeIfPresent(Value.self, forKey: key) { value = stored }
  }
}
