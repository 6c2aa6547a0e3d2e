import Downloads
package import Foundation
import HostSystem
import JSON

/// The list of models that can be downloaded.
///
/// The list of this version is `pretrained-models.json`, which is part of the program; another file
/// or address in the same format may replace it, for example inside a hospital.
package struct ModelIndex: Sendable {
  /// The models, in the order of the list.
  package let models: [PretrainedModel]
  /// The origin of the list.
  package let origin: String

  private struct Document: Codable {
    var format: Int
    var models: [PretrainedModel]
  }

  private static let format = 1

  /// The list of this version.
  package init() throws {
    try self.init(
      Data(PackageResources.pretrained_models_json), origin: "the program's own list of models")
  }

  /// The list in a file, or at an address that begins with `http://`, `https://` or `file://`.
  ///
  /// - Throws: `DownloadError`, `FileError`, `JSONError` or ``ModelStoreError``.
  package init(at place: String) throws {
    guard place.holds("://") else {
      let url = URL(fileURLWithPath: place)
      let file = try MappedFile(at: url)
      try self.init(withExtendedLifetime(file) { Data(file.bytes) }, origin: url.absoluteString)
      return
    }
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "nnunet-index-\(UUID().uuidString)")
    try makeFolder(at: folder)
    defer { try? FileManager.default.removeItem(at: folder) }
    let copy = folder.appending(path: "index.json")
    var download = Download(of: place, to: copy)
    download.attempts = 2
    download.needsDigest = false
    try download.run()
    try self.init(try Data(contentsOf: copy), origin: place)
  }

  init(_ data: Data, origin: String) throws {
    let document = try JSONFile.decode(Document.self, from: data, path: origin)
    guard document.format == Self.format else {
      throw ModelStoreError.unknownIndex(
        origin: origin, format: document.format, known: Self.format)
    }
    models = document.models
    self.origin = origin
  }

  /// The model with this name.
  ///
  /// - Throws: ``ModelStoreError/notAvailable(name:near:origin:)``.
  package func model(named name: String) throws -> PretrainedModel {
    if let model = models.first(where: { $0.name == name }) { return model }
    // A task's number, or its name without the number.
    let near = models.map(\.name).filter { known in
      let parts = (known.dropping(prefix: "Task") ?? known[...]).parts(at: "_", maxSplits: 1)
      if let number = Int(name) { return parts.first.flatMap { Int($0) } == number }
      return known.lowercased().contains(name.lowercased())
        || parts.count == 2 && name.lowercased().contains(parts[1].lowercased())
    }
    throw ModelStoreError.notAvailable(name: name, near: near, origin: origin)
  }

  /// The addresses of a file, in the order of the attempts.
  package func addresses(of file: PretrainedModel.File) -> [String] {
    ([file.url] + (file.mirrors ?? [])).map { address in
      guard !address.holds("://"), let base = URL(string: origin),
        let url = URL(string: address, relativeTo: base)
      else { return address }
      return url.absoluteString
    }
  }

  /// The list as v1 exports it: descriptions and addresses by name.
  package func exported() throws -> Data {
    struct Entry: Encodable {
      var description: String
      var url: [String]
    }
    return try JSONFile.encode(
      // If models have the same name, the first one counts, as when one is requested.
      Dictionary(
        models.map { model in
          (
            model.name,
            Entry(description: model.summary, url: model.files.flatMap(addresses(of:)))
          )
        }, uniquingKeysWith: { first, _ in first }))
  }
}
