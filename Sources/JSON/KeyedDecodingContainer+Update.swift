extension KeyedDecodingContainer {
  /// Replaces a value by the one that is stored, if one is.
  ///
  /// - Parameters:
  ///   - value: The default, and then what is stored.
  ///   - key: Where it is stored.
  /// - Throws: `DecodingError` if what is stored is of another type.
  package func update<Value: Decodable>(_ value: inout Value, _ key: Key) throws {
    if let stored = try decodeIfPresent(Value.self, forKey: key) { value = stored }
  }
}
