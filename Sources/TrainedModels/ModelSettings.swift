package import Foundation
import HostSystem
import JSON
package import Networks
import Plans

/// What a model folder states about its network besides the plans: the file `network.json`.
package struct ModelSettings: Codable, Hashable, Sendable {
  /// The network as it was trained, which may differ from that of the plans.
  package var network: NetworkArchitecture
  /// The axes that were mirrored in training and may be in prediction; nil for all.
  package var mirrorAxes: [Int]?
  /// For networks with regions, the label of each region in exports.
  package var regionsClassOrder: [Int]?

  package static let fileName = "network.json"

  package init(network: NetworkArchitecture, mirrorAxes: [Int]?, regionsClassOrder: [Int]?) {
    self.network = network
    self.mirrorAxes = mirrorAxes
    self.regionsClassOrder = regionsClassOrder
  }

  /// Reads settings and checks that axes and labels are those of the network.
  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    network = try values.decode(NetworkArchitecture.self, forKey: .network)
    mirrorAxes = try values.decodeIfPresent([Int].self, forKey: .mirrorAxes)
    regionsClassOrder = try values.decodeIfPresent([Int].self, forKey: .regionsClassOrder)
    let axes = 0..<network.spatialRank
    if let mirrorAxes,
      !mirrorAxes.allSatisfy(axes.contains) || Set(mirrorAxes).count < mirrorAxes.count
    {
      throw DecodingError.dataCorruptedError(
        forKey: .mirrorAxes, in: values,
        debugDescription: "must be different axes of \(Array(axes)), found \(mirrorAxes)")
    }
  }

  /// Writes the file into a model folder.
  package func write(to folder: URL) throws {
    try JSONFile.write(self, to: folder.appending(path: Self.fileName))
  }

  /// Reads the file of a model folder; nil if there is none.
  ///
  /// - Throws: `FileError` or `JSONError` naming what is wrong with the file.
  package static func read(from folder: URL) throws -> ModelSettings? {
    let file = folder.appending(path: fileName)
    guard fileExists(file) else { return nil }
    return try JSONFile.read(ModelSettings.self, from: file)
  }
}
