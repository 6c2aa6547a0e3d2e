import HostSystem
import JSON
import Plans

/// The metadata of a task's crops, read once for all stages.
package struct CropCatalog: Sendable {
  /// The names of the crops, sorted.
  package let identifiers: [String]
  /// One crop.
  struct Entry: Sendable {
    let properties: CaseProperties
    /// The parts of the crop that a prepared case depends on: the content of its files.
    let signature: String
  }

  private let entries: [String: Result<Entry, any Error>]

  /// Reads the metadata of the cases.
  init(of identifiers: [String], in store: CroppedStore, threads: Int) {
    let results = mapInParallel(count: identifiers.count, threads: threads) { index in
      Result { try Entry(store.stored(identifiers[index])) }
    }
    self.identifiers = identifiers
    // The folder may contain a name in two spellings, which Swift considers equal.
    entries = Dictionary(zip(identifiers, results), uniquingKeysWith: { first, _ in first })
  }

  /// The entry of a case; nil if its metadata cannot be read.
  subscript(identifier: String) -> Entry? { try? entries[identifier]?.get() }

  /// The entry of a case.
  ///
  /// - Throws: What reading its metadata threw.
  func entry(of identifier: String) throws -> Entry {
    guard let entry = entries[identifier] else {
      preconditionFailure("\(identifier) is not in the catalog")
    }
    return try entry.get()
  }
}

extension CropCatalog.Entry {
  fileprivate init(_ stored: StoredProperties) throws {
    properties = stored.properties
    var signature = Signature()
    // A version that crops differently writes the properties again, like the checksums.
    signature.add(try JSONFile.encode(stored.properties))
    for (name, checksum) in (stored.storage?.checksums ?? [:]).sorted(by: { $0.key < $1.key }) {
      signature.add("\(name) \(checksum)")
    }
    self.signature = signature.text
  }
}
