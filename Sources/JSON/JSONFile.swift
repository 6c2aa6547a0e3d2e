package import Foundation
package import HostSystem

/// Reads and writes Codable values as JSON files in the style of nnU-Net's Python.
///
/// Written files have an indent of 4, sorted keys and the literals `NaN`, `Infinity` and
/// `-Infinity`; the same literals are accepted when reading.
package enum JSONFile {
  /// Writes a value.
  ///
  /// - Throws: `FileError` when the file cannot be written.
  package static func write<Value: Encodable>(_ value: Value, to url: URL) throws {
    try AtomicFile.write(encode(value), to: url)
  }

  /// Reads a value.
  ///
  /// - Throws: `FileError` when the file cannot be read, ``JSONError`` naming the file, the key and
  ///   the value that was found if its content is not what was expected.
  package static func read<Value: Decodable>(_ type: Value.Type, from url: URL) throws -> Value {
    try decode(type, from: readDocument(url), path: url.path)
  }

  /// The text of a value.
  package static func encode<Value: Encodable>(_ value: Value) throws -> Data {
    JSONWriter.data(try JSONValueEncoder.encode(value))
  }

  /// A value from text; `path` is named in errors.
  package static func decode<Value: Decodable>(
    _ type: Value.Type, from data: Data, path: String
  ) throws -> Value {
    try decode(type, from: parse(data, path: path), path: path)
  }

  /// Reads a document of any content.
  package static func readDocument(_ url: URL) throws -> JSONValue {
    let file = try MappedFile(at: url)
    let data = withExtendedLifetime(file) { Data(file.bytes) }
    try file.requireWhole()
    return try parse(data, path: url.path)
  }

  /// Writes a document of any content.
  package static func writeDocument(_ document: JSONValue, to url: URL) throws(FileError) {
    try AtomicFile.write(JSONWriter.data(document), to: url)
  }

  /// A value from a document; `path` is named in errors.
  package static func decode<Value: Decodable>(
    _ type: Value.Type, from document: JSONValue, path: String
  ) throws -> Value {
    do {
      return try JSONValueDecoder.decode(type, from: document)
    } catch let error as DecodingError {
      throw JSONError.unexpectedContent(path: path, error)
    } catch let violations as RuleViolations {
      throw JSONError.rulesViolated(path: path, rules: violations.rules)
    }
  }

  private static func parse(_ data: Data, path: String) throws -> JSONValue {
    do {
      return try JSONParser.parse(data)
    } catch {
      throw JSONError.noJSON(
        path: path, line: error.line, column: error.column, reason: error.reason)
    }
  }
}
