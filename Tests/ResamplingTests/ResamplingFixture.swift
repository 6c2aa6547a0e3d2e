import Arrays
import TestSupport
import Testing

@testable import Resampling

/// The manifest of the fixture `resampling`.
struct ResamplingManifest: Decodable, Sendable {
  struct Resize: Decodable, Sendable, CustomTestStringConvertible {
    var source: String
    var shape: [Int]
    var order: Int
    var result: String
    var testDescription: String { result }
  }

  struct Case: Decodable, Sendable, CustomTestStringConvertible {
    var tag: String
    var original: [Double]
    var target: [Double]
    var forced: Bool?
    var orderAlongZ: Int
    var testDescription: String { tag }

    enum CodingKeys: String, CodingKey {
      case tag, original, target, forced
      case orderAlongZ = "order_z"
    }
  }

  var resizes: [Resize]
  var cases: [Case]
}

enum ResamplingFixture {
  static func load() throws -> ArrayFixture<ResamplingManifest> {
    try ArrayFixture<ResamplingManifest>("resampling")
  }

  /// For the arguments of tests; a fixture that cannot be read fails in the test itself.
  static let manifest: ResamplingManifest? = try? load().manifest
}

extension InterpolationOrder {
  init(_ number: Int) throws { self = try #require(InterpolationOrder(rawValue: number)) }
}
