/// The part of a patch that is needed: a box in the coordinates of the patch.
///
/// The patch that is cut from a case for rotation and scaling is larger than the network's input.
/// Most samples need only its middle. The parameters of the spatial transform are drawn first, so
/// that only the needed part is read.
package struct PatchWindow: Hashable, Sendable {
  /// The first voxel along each spatial axis, within the patch.
  package var origin: [Int]
  /// The extent along each spatial axis.
  package var size: [Int]

  package init(origin: [Int], size: [Int]) {
    precondition(origin.count == size.count, "origin \(origin) and size \(size) differ in rank")
    self.origin = origin
    self.size = size
  }

  /// The whole of a patch.
  package init(wholePatch size: [Int]) {
    self.init(origin: Array(repeating: 0, count: size.count), size: size)
  }

  /// The middle of a patch; where the margins differ, the lower one is smaller.
  package init(centerOf patchSize: [Int], size: [Int]) {
    self.init(origin: zip(patchSize, size).map { ($0 - $1) >> 1 }, size: size)
  }
}
