import HostSystem

/// A text header of named fields, as NRRD and MetaImage have.
protocol FieldHeader {
  /// The unprocessed values by name.
  var fields: [String: String] { get }
  /// The path of the file, for errors.
  var path: String { get }
}

extension FieldHeader {
  /// The value of a field.
  subscript(name: String) -> String? { fields[name] }

  /// Numbers separated by blanks; other words are NaN.
  func numbers(_ name: String) -> [Double]? {
    fields[name].map { $0.words.map { Double(String($0)) ?? .nan } }
  }

  /// A whole number.
  func integer(_ name: String) throws(ImagingError) -> Int? {
    guard let text = fields[name] else { return nil }
    guard let number = Int(text) else { throw wrong(name, expected: "a whole number") }
    return number
  }

  /// An error about the value of a field.
  func wrong(_ name: String, expected: String) -> ImagingError {
    .invalidHeader(
      path: path, field: name, value: "\"\((fields[name] ?? "").prefix(80))\"", expected: expected)
  }

  /// An error about a missing field.
  func missing(_ name: String) -> ImagingError {
    .invalidHeader(path: path, field: name, value: "missing", expected: "a value")
  }
}
