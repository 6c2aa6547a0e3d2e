public import Arrays
import Foundation

/// A fixture folder whose arrays lie one after the other in `arrays.npy`.
///
/// Under `arrays`, `manifest.json` lists the start and the shape of each, and under other keys how
/// the arrays were made.
public struct ArrayFixture<Manifest: Decodable & Sendable>: Sendable {
  /// The rest of the manifest, besides the places of arrays.
  public let manifest: Manifest
  private let places: [String: Place]
  private let scalars: [Float]

  private struct Place: Decodable, Sendable {
    var offset: Int
    var shape: [Int]
  }

  private struct Places: Decodable {
    var arrays: [String: Place]
  }

  /// Reads the fixture `name` in `Tests/Fixtures`.
  public init(_ name: String) throws {
    let data = try Data(contentsOf: fixtureURL("\(name)/manifest.json"))
    manifest = try JSONDecoder().decode(Manifest.self, from: data)
    places = try JSONDecoder().decode(Places.self, from: data).arrays
    scalars = try NPYFile.read(fixtureURL("\(name)/arrays.npy"), as: Float.self).scalars
  }

  /// The array with a name in the manifest.
  public func array(_ name: String) throws -> DenseArray<Float> {
    guard let place = places[name] else { throw MissingArray(name: name) }
    let count = place.shape.reduce(1, *)
    return DenseArray(
      shape: place.shape, scalars: Array(scalars[place.offset..<place.offset + count]))
  }

  /// The array with a name, as labels.
  public func labels(_ name: String) throws -> DenseArray<Int16> {
    try array(name).map { Int16($0) }
  }
}

/// The manifest lists no array with this name.
struct MissingArray: Error {
  var name: String
}
