import Foundation
import HostSystem
import Plans

/// What the metadata of a stored case say about its files: `storage` in `CASE.json`.
struct StorageRecord: Codable, Hashable, Sendable {
  /// The checksum of each file of the case, by the file's name.
  var checksums: [String: String]
  /// What the case was made from; if this changes, the case is made again.
  var madeFrom: String

  enum CodingKeys: String, CodingKey {
    case checksums
    case madeFrom = "made_from"
  }
}

/// The content of `CASE.json`: the properties' keys and `storage`.
struct StoredProperties: Codable {
  var properties: CaseProperties
  /// Nil in files of other programs and of versions without checksums.
  var storage: StorageRecord?

  private enum CodingKeys: String, CodingKey { case storage }

  init(properties: CaseProperties, storage: StorageRecord?) {
    self.properties = properties
    self.storage = storage
  }

  init(from decoder: any Decoder) throws {
    properties = try CaseProperties(from: decoder)
    storage = try decoder.container(keyedBy: CodingKeys.self)
      .decodeIfPresent(StorageRecord.self, forKey: .storage)
  }

  func encode(to encoder: any Encoder) throws {
    try properties.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encodeIfPresent(storage, forKey: .storage)
  }
}

/// Whether a stored case can be kept.
enum StoredCaseState: Hashable, Sendable {
  /// It is complete and made from the current inputs.
  case current
  /// It is missing, or made from something else.
  case outdated
  /// One of its files was changed or damaged.
  case damaged(file: String, reason: String)
}

/// A short text that changes with what a case depends on (FNV-1a, 64 bits).
struct Signature {
  private var hash = FNVHash()

  /// Adds a text and a zero, which ends it.
  mutating func add(_ text: String) {
    hash.add(text)
    hash.add(0)
  }

  /// Adds bytes and a zero, which ends them.
  mutating func add(_ data: Data) {
    hash.add(data)
    hash.add(0)
  }

  var text: String { String(hash.value, radix: 16) }
}
