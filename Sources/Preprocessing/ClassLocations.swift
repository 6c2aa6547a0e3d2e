public import Arrays

/// Some voxels of each foreground class of a case, from which patches with foreground are drawn.
///
/// Of each class at most 10,000 voxels are kept, or 1 % where that is more, chosen by NumPy's
/// generator with the seed 1234 so that they equal nnU-Net v1's.
public struct ClassLocations: Equatable, Sendable {
  /// Rows of class, z, y, x in the prepared array; classes in the order of the plans.
  public let rows: DenseArray<Int32>
  /// The rows of each class.
  private let ranges: [Int: Range<Int>]

  /// The seed of every case.
  public static let seed: UInt32 = 1234
  /// The number of voxels of a class that are kept at least, if there are so many.
  public static let minimumCount = 10_000
  /// The part of a class that is kept at least.
  public static let minimumCoverage = 0.01

  /// Takes rows as they are stored.
  ///
  /// - Precondition: `rows` has the shape `(n, 4)`, rows of one class in succession.
  public init(rows: DenseArray<Int32>) {
    precondition(rows.rank == 2 && rows.shape[1] == 4)
    self.rows = rows
    var ranges: [Int: Range<Int>] = [:]
    for row in 0..<rows.shape[0] {
      let label = Int(rows.scalars[4 * row])
      ranges[label] = (ranges[label]?.lowerBound ?? row)..<row + 1
    }
    self.ranges = ranges
  }

  /// Chooses voxels.
  ///
  /// - Parameters:
  ///   - labels: `(z, y, x)`, less than 2³² voxels.
  ///   - classes: The foreground classes in the order in which they draw.
  public init(sampling labels: DenseArray<Int16>, classes: [Int]) {
    var random = LegacyRandomState(seed: Self.seed)
    var positions = Self.positions(in: labels, of: Set(classes))
    let (height, width) = (UInt32(labels.shape[1]), UInt32(labels.shape[2]))
    var scalars: [Int32] = []
    for label in classes {
      // Shuffling the positions draws as numpy's choice(n, count, replace=False) does.
      guard var chosen = positions.removeValue(forKey: label) else { continue }
      random.shuffle(&chosen)
      let share = Int((Double(chosen.count) * Self.minimumCoverage).rounded(.up))
      let count = max(min(Self.minimumCount, chosen.count), share)
      scalars.reserveCapacity(scalars.count + 4 * count)
      for position in chosen.prefix(count) {
        let row = position / width
        scalars += [
          Int32(label), Int32(row / height), Int32(row % height), Int32(position % width),
        ]
      }
    }
    self.init(rows: DenseArray(shape: [scalars.count / 4, 4], scalars: scalars))
  }

  /// The classes that have voxels, ascending.
  public var classes: [Int] { ranges.keys.sorted() }

  /// The number of voxels kept of a class.
  public func count(of label: Int) -> Int { ranges[label]?.count ?? 0 }

  /// Voxel `index` of a class: z, y, x.
  public func location(of label: Int, at index: Int) -> [Int] {
    guard let range = ranges[label] else { preconditionFailure("no voxel of class \(label)") }
    let row = 4 * (range.lowerBound + index)
    return (1...3).map { Int(rows.scalars[row + $0]) }
  }

  /// The voxels of each wanted class in C order.
  private static func positions(
    in labels: DenseArray<Int16>, of classes: Set<Int>
  ) -> [Int: [UInt32]] {
    var counts = [Int](repeating: 0, count: 1 << 16)
    for label in labels.scalars { counts[Int(UInt16(bitPattern: label))] += 1 }
    var lists: [[UInt32]?] = Array(repeating: nil, count: 1 << 16)
    for label in classes {
      guard let key = Int16(exactly: label).map({ Int(UInt16(bitPattern: $0)) }), counts[key] > 0
      else { continue }
      lists[key] = []
      lists[key]?.reserveCapacity(counts[key])
    }
    for (position, label) in labels.scalars.enumerated() where label != 0 {
      lists[Int(UInt16(bitPattern: label))]?.append(UInt32(position))
    }
    return classes.reduce(into: [:]) { result, label in
      guard let key = Int16(exactly: label).map({ Int(UInt16(bitPattern: $0)) }) else { return }
      result[label] = lists[key]
    }
  }
}
