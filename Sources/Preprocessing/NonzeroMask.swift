import Arrays

/// Which voxels belong to the image: those that are not 0 in some channel, with holes filled.
struct NonzeroMask {
  /// The box around all voxels of `(channel, z, y, x)` that are not 0 in some channel.
  ///
  /// The ranges are those of the axes z, y, x; nil stands for an image with only zeros.
  static func boundingBox(of data: DenseArray<Float>) -> [Range<Int>]? {
    let (depth, height, width) = (data.shape[1], data.shape[2], data.shape[3])
    var box: (z: Range<Int>, y: Range<Int>, x: Range<Int>)?
    data.scalars.withUnsafeBufferPointer { voxels in
      for channel in 0..<data.shape[0] {
        for z in 0..<depth {
          for y in 0..<height {
            let row = UnsafeBufferPointer(
              rebasing: voxels[
                ((channel * depth + z) * height + y)
                  * width..<((channel * depth + z) * height + y + 1) * width])
            let known = box?.x ?? 0..<0
            guard let extent = nonzeroExtent(row, known: known) else { continue }
            let old = box ?? (z..<z + 1, y..<y + 1, extent)
            box = (old.z.joined(z), old.y.joined(y), old.x.joined(extent))
          }
        }
      }
    }
    return box.map { [$0.z, $0.y, $0.x] }
  }

  /// The columns from the first to the last voxel of a row that is not 0; inside `known`, the
  /// search stops at the first one.
  private static func nonzeroExtent(
    _ row: UnsafeBufferPointer<Float>, known: Range<Int>
  ) -> Range<Int>? {
    guard let first = row.firstIndex(where: { $0 != 0 }) else { return nil }
    var last = row.count - 1
    // Columns within the known range need no search: they cannot widen the box.
    let stop = max(first, known.upperBound - 1)
    while last > stop && row[last] == 0 { last -= 1 }
    return first..<max(last, first) + 1
  }

  /// Fills the holes of the image: background that no path of faces connects with the border.
  ///
  /// Equal to `scipy.ndimage.binary_fill_holes` with its default structure. Background is joined
  /// in runs along x, neighbouring runs in y and z by union-find.
  ///
  /// - Parameter isImage: `(z, y, x)` mask, changed in place.
  static func fillHoles(_ isImage: inout DenseArray<Bool>) {
    guard isImage.count > 0 else { return }
    var runs = BackgroundRuns(of: isImage)
    runs.connect()
    let holes = runs.holes()
    isImage.scalars.withUnsafeMutableBufferPointer { mask in
      for hole in holes { mask[hole].update(repeating: true) }
    }
  }
}

extension Range<Int> {
  fileprivate func joined(_ index: Int) -> Range { joined(index..<index + 1) }

  fileprivate func joined(_ other: Range) -> Range {
    Swift.min(lowerBound, other.lowerBound)..<Swift.max(upperBound, other.upperBound)
  }
}
