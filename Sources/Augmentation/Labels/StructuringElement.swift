import HostSystem

/// The neighbours that take part in a morphological operation, as offsets (z, y, x).
struct StructuringElement {
  /// Neighbours in one row, with adjacent offsets along x.
  struct Run {
    var z: Int
    var y: Int
    var x: ClosedRange<Int>
  }

  var runs: [Run]

  /// A ball.
  ///
  /// The radius need not be a whole number. Then the element has `2 * radius + 1` points, rounded
  /// down, which are evenly spread over the diameter, and the ball can be off centre by half a
  /// voxel. Source: scikit-image, `ball`, as nnU-Net calls it.
  ///
  /// - Parameter radius: In voxels, at least 1.
  init(ballOfRadius radius: Double) {
    precondition(radius >= 1, "a ball of radius \(radius)")
    let count = Int(trusted: 2 * radius + 1)
    let step = (radius + radius) / Double(count - 1)
    let squares = (0..<count).map { index in
      let position = Double(index) * step - radius
      return position * position
    }
    runs = []
    for z in 0..<count {
      for y in 0..<count {
        let inside = (0..<count).filter { x in
          squares[x] + squares[y] + squares[z] <= radius * radius
        }
        guard let first = inside.first, let last = inside.last else { continue }
        let center = count / 2
        runs.append(Run(z: z - center, y: y - center, x: first - center...last - center))
      }
    }
  }

  /// The element mirrored at its centre.
  var reflected: StructuringElement {
    var copy = self
    copy.runs = runs.map { Run(z: -$0.z, y: -$0.y, x: -$0.x.upperBound ... -$0.x.lowerBound) }
    return copy
  }
}
