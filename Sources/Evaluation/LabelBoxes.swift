import Arrays
import HostSystem

/// A box of voxels, z, y, x; the upper ends are outside.
struct VoxelBox: Hashable, Sendable {
  var lower = [Int.max, Int.max, Int.max]
  var upper = [0, 0, 0]
  /// The voxels of the box's label.
  var voxelCount = 0

  var shape: [Int] { zip(lower, upper).map { $1 - $0 } }

  mutating func extend(axis: Int, by range: Range<Int>) {
    lower[axis] = min(lower[axis], range.lowerBound)
    upper[axis] = max(upper[axis], range.upperBound)
  }

  /// The smallest box that contains both.
  func union(_ other: VoxelBox) -> VoxelBox {
    VoxelBox(
      lower: zip(lower, other.lower).map(min), upper: zip(upper, other.upper).map(max),
      voxelCount: max(voxelCount, other.voxelCount))
  }
}

/// The box of every label, found in one pass.
struct LabelBoxes {
  private var boxes = [VoxelBox](repeating: VoxelBox(), count: 256)

  init(_ labels: DenseArray<UInt8>) {
    let (depth, height, width) = (labels.shape[0], labels.shape[1], labels.shape[2])
    labels.scalars.withUnsafeBufferPointer { labels in
      for z in 0..<depth {
        for y in 0..<height {
          let row = (z * height + y) * width
          var x = 0
          while x < width {
            let (label, start) = (labels[row &+ x], x)
            repeat { x &+= 1 } while x < width && labels[row &+ x] == label
            add(z: z, y: y, x: start..<x, to: Int(label))
          }
        }
      }
    }
  }

  subscript(label: UInt8) -> VoxelBox { boxes[Int(label)] }

  private mutating func add(z: Int, y: Int, x: Range<Int>, to label: Int) {
    boxes[label].extend(axis: 0, by: z..<z + 1)
    boxes[label].extend(axis: 1, by: y..<y + 1)
    boxes[label].extend(axis: 2, by: x)
    boxes[label].voxelCount += x.count
  }
}
