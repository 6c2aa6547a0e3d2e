import HostSystem

/// The positions of an NRRD file's voxels, in LPS coordinates.
struct NRRDGeometry {
  let geometry: Geometry

  /// Coordinates with the opposite direction of LPS.
  ///
  /// ITK reverses no others, and neither does this reader.
  private static let flips: [String: [Double]] = [
    "right-anterior-superior": [-1, -1, 1], "ras": [-1, -1, 1],
    "left-anterior-superior": [1, -1, 1], "las": [1, -1, 1],
  ]

  init(_ fields: NRRDHeader, _ layout: NRRDLayout) throws(ImagingError) {
    let rank = layout.extents.count
    let directions = try fields.vectors("spacedirections")
    var spacing = [Double](repeating: 1, count: rank)
    var origin = [Double](repeating: 0, count: rank)
    var axes: [[Double]]?
    // Other information about distances in a file with spatial axes is ignored.
    if fields["space"] != nil || fields["spacedimension"] != nil {
      let space = fields["space"]?.lowercased() ?? ""
      // An axis of several images may be spatial.
      let lengths = layout.channels > 1 ? rank...rank + 1 : rank...rank
      let flip = Self.flips[space] ?? [1, 1, 1]
      if let directions {
        let vectors = layout.spatialAxes.compactMap { directions[$0] }
        guard vectors.count == rank, vectors.allSatisfy({ lengths.contains($0.count) }) else {
          throw fields.wrong("spacedirections", expected: "\(rank) vectors of \(rank) numbers")
        }
        spacing = vectors.map { $0.prefix(rank).reduce(0) { $0 + $1 * $1 }.squareRoot() }
        axes = vectors.indices.map { axis in
          (0..<rank).map { flip[$0] * vectors[axis][$0] / spacing[axis] }
        }
      }
      if let vectors = try fields.vectors("spaceorigin") {
        guard vectors.count == 1, let place = vectors[0], lengths.contains(place.count) else {
          throw fields.wrong("spaceorigin", expected: "a vector of \(rank) numbers")
        }
        origin = (0..<rank).map { flip[$0] * place[$0] }
      }
    } else {
      let given = fields.numbers("spacings") ?? []
      spacing = layout.spatialAxes.map { $0 < given.count && given[$0].isFinite ? given[$0] : 1 }
      origin = Self.origin(fields, layout, given) ?? origin
    }
    guard let geometry = Geometry(spacing: spacing, origin: origin, axes: axes) else {
      throw fields.wrong(
        axes == nil ? "spacings" : "spacedirections", expected: "axes that span the space")
    }
    self.geometry = geometry
  }

  /// The centre of the first voxel if the header states the lower end of each axis: half a voxel
  /// from the end, unless the ends are at voxels' centres.
  private static func origin(
    _ fields: NRRDHeader, _ layout: NRRDLayout, _ spacings: [Double]
  ) -> [Double]? {
    let minima = fields.numbers("axismins") ?? []
    let centers = fields.words("centers") ?? fields.words("centerings") ?? []
    var origin: [Double] = []
    for axis in layout.spatialAxes {
      guard axis < minima.count, minima[axis].isFinite, axis < spacings.count,
        spacings[axis].isFinite
      else { return nil }
      let isNode = axis < centers.count && centers[axis].isExactly("node")
      origin.append(minima[axis] + (isNode ? 0 : spacings[axis] / 2))
    }
    return origin
  }
}
