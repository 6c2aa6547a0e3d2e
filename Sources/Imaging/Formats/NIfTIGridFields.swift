package import Foundation

/// A header's description of the voxel grid, as stored and before any interpretation.
///
/// Reading an image replaces impossible numbers as ITK does: a spacing of 0 becomes 1, a negative
/// one reverses its axis, the qform replaces a sheared sform. The verification of a dataset must
/// see that.
package struct NIfTIGridFields: Hashable, Sendable {
  /// The number of axes that the file declares, at most 3.
  package var rank: Int
  /// `pixdim[1]` to `pixdim[3]`: the spacing along x, y and z in the header's unit.
  package var spacing: [Double]
  package var qformCode: Int
  package var sformCode: Int
  /// 3×4, row-major, from voxel indices to RAS coordinates; without meaning if `sformCode` is 0.
  package var sform: [Double]

  /// Reads the fields of a file, but no voxels.
  ///
  /// - Throws: ``ImagingError`` for a file that has no NIfTI header.
  package init(at url: URL) throws(ImagingError) {
    var source = try ByteSource(at: url)
    let bytes = try source.bytes(upTo: NIfTILayout.version2.size)
    let (layout, isByteSwapped) = try NIfTIHeader.layout(of: bytes, path: url.path)
    let reader = NIfTIFieldReader(bytes: bytes, isByteSwapped: isByteSwapped)
    rank = min(max(reader.integer(layout.dim) ?? 0, 0), 3)
    spacing = (1...3).map { reader.real(layout.pixdim, $0) }
    qformCode = max(reader.integer(layout.qformCode) ?? 0, 0)
    sformCode = max(reader.integer(layout.sformCode) ?? 0, 0)
    sform = (0..<12).map { reader.real(layout.srow, $0) }
  }

  /// The vectors from a voxel to its neighbours along x, y and z, mm, according to the sform.
  package var sformAxes: [[Double]] {
    (0..<3).map { axis in (0..<3).map { sform[$0 * 4 + axis] } }
  }

  /// The angles in degrees between the sform's axes x and y, x and z, y and z; NaN if an axis has
  /// no length.
  package var sformAngles: [Double] {
    let axes = sformAxes
    return [(0, 1), (0, 2), (1, 2)].map { first, second in
      let product = zip(axes[first], axes[second]).map(*).reduce(0, +)
      let cosine = product / (Self.length(axes[first]) * Self.length(axes[second]))
      return acos(min(max(cosine, -1), 1)) * 180 / .pi
    }
  }

  /// The spacing of the sform's axes.
  package var sformSpacing: [Double] { sformAxes.map(Self.length) }

  private static func length(_ vector: [Double]) -> Double {
    vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
  }
}
