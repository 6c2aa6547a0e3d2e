package import Arrays
import HostSystem

/// Some voxels of each foreground class of a case, from which patches with foreground are drawn.
///
/// At most 10,000 voxels of each class are kept, or 1 % if that is more. NumPy's generator with the
/// seed 1234 chooses them, so that they equal nnU-Net v1's.
package struct ClassLocations: Equatable, Sendable {
  /// Rows of class, z, y, x in the prepared array; classes in the order of the plans.
  package let rows: DenseArray<Int32>
  /// The rows of each class.
  private let ranges: [Int: Range<Int>]

  /// The seed of every case.
  package static let seed: UInt32 = 1234
  /// The minimum number of voxels to keep of a class, if there are so many.
  package static let minimumCount = 10_000
  /// The minimum part of a class to keep.
  package static let minimumCoverage = 0.01

  /// Creates the locations from stored rows.
  ///
  /// - Precondition: `rows` has the shape `(n, 4)`, rows of one class in succession.
  package init(rows: DenseArray<Int32>) {
    precondition(rows.rank == 2 && rows.shape[1] == 4)
    self.rows = rows
    var ranges: [Int: Range<Int>] = [:]
    var start = 0
    while start < rows.shape[0] {
      let label = rows.scalars[4 * start]
      var end = start + 1
      while end < rows.shape[0], rows.scalars[4 * end] == label { end += 1 }
      ranges[Int(label)] = start..<end
      start = end
    }
    self.ranges = ranges
  }

  /// Chooses voxels.
  ///
  /// - Parameters:
  ///   - labels: `(z, y, x)`, less than 2³² voxels.
  ///   - classes: The foreground classes in the order of their draws.
  package init(sampling labels: DenseArray<Int16>, classes: [Int]) {
    var random = LegacyRandomState(seed: Self.seed)
    var scalars: [Int32] = []
    for label in classes {
      // Shuffling the positions draws as numpy's choice(n, count, replace=False) does.
      var chosen = Self.positions(of: label, in: labels)
      guard !chosen.isEmpty else { continue }
      random.shuffle(&chosen)
      let share = Int(trusted: (Double(chosen.count) * Self.minimumCoverage).rounded(.up))
      let count = max(min(Self.minimumCount, chosen.count), share)
      Self.append(label, chosen.prefix(count), shape: labels.shape, to: &scalars)
    }
    self.init(rows: DenseArray(shape: [scalars.count / 4, 4], scalars: scalars))
  }

  /// The classes that have voxels, ascending.
  package var classes: [Int] { ranges.keys.sorted() }

  /// The number of voxels kept of a class.
  package func count(of label: Int) -> Int { ranges[label]?.count ?? 0 }

  /// Voxel `index` of a class: z, y, x.
  package func location(of label: Int, at index: Int) -> [Int] {
    guard let range = ranges[label] else { preconditionFailure("no voxel of class \(label)") }
    let row = 4 * (range.lowerBound + index)
    return (1...3).map { Int(rows.scalars[row + $0]) }
  }

  /// The voxels of a class in C order.
  private static func positions(of label: Int, in labels: DenseArray<Int16>) -> [UInt32] {
    guard let label = Int16(exactly: label) else { return [] }
    return labels.scalars.withUnsafeBufferPointer { labels in
      // Counted first, at least eight at a time: most cases lack most classes.
      var count = 0
      for voxel in labels { count &+= voxel == label ? 1 : 0 }
      guard count > 0 else { return [] }
      return [UInt32](unsafeUninitializedCapacity: count) { buffer, filled in
        for (position, voxel) in labels.enumerated() where voxel == label {
          buffer[filled] = UInt32(position)
          filled += 1
        }
      }
    }
  }

  /// Appends rows of label, z, y, x.
  private static func append(
    _ label: Int, _ positions: ArraySlice<UInt32>, shape: [Int], to scalars: inout [Int32]
  ) {
    let (height, width) = (UInt32(shape[1]), UInt32(shape[2]))
    scalars.reserveCapacity(scalars.count + 4 * positions.count)
    for position in positions {
      let row = position / width
      scalars.append(Int32(label))
      scalars.append(Int32(row / height))
      scalars.append(Int32(row % height))
      scalars.append(Int32(position % width))
    }
  }
}
