import HostSystem

/// The spatial axes of an NRRD file, and the axis of the channels, if any.
struct NRRDLayout {
  /// The extents of the spatial axes, fastest first.
  var extents: [Int]
  /// The positions of the spatial axes among all axes.
  var spatialAxes: [Int]
  var channels = 1
  /// Whether the values of a voxel are adjacent.
  var isInterleaved = false

  /// The kinds of axes along which a voxel's position changes, or, for the last, the time.
  private static let domains = ["domain", "space", "time", "???", "none"]

  init(_ fields: NRRDHeader, path: String) throws(ImagingError) {
    guard let sizes = fields.words("sizes") else { throw fields.missing("sizes") }
    let all = sizes.map { Int($0) ?? 0 }
    guard try fields.integer("dimension") == all.count, (1...16).contains(all.count) else {
      throw fields.wrong("dimension", expected: "the number of sizes")
    }
    let directions = try fields.vectors("spacedirections")
    guard directions == nil || directions?.count == all.count else {
      throw fields.wrong("spacedirections", expected: "\(all.count) vectors")
    }
    let kinds = fields.words("kinds") ?? Array(repeating: "???", count: all.count)
    guard kinds.count == all.count else {
      throw fields.wrong("kinds", expected: "\(all.count) words")
    }
    var others = all.indices.filter { axis in
      !Self.domains.contains(kinds[axis]) || (directions.map { $0[axis] == nil } ?? false)
    }
    // Without kinds, the last of four axes is that of several images.
    if others.isEmpty, all.count == 4 { others = [3] }
    guard others.count <= 1, (2...3).contains(all.count - others.count) else {
      throw .wrongDimensions(
        path: path, extents: all, expected: "2 or 3, and at most one for channels")
    }
    spatialAxes = all.indices.filter { !others.contains($0) }
    extents = spatialAxes.map { all[$0] }
    if let axis = others.first {
      channels = all[axis]
      isInterleaved = axis == 0
      guard axis == 0 || axis == all.count - 1 else {
        throw .unsupported(path: path, feature: "its channel axis is between the spatial axes")
      }
    }
  }
}
