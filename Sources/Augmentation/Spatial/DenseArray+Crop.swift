import Arrays

extension DenseArray where Scalar: BitwiseCopyable {
  /// Cuts the box with the first voxel `origin` out of every channel of an array `(channel,
  /// spatial…)`.
  func cropped(origin: [Int], size: [Int]) -> DenseArray {
    let volume = rank == 4 ? Array(shape.dropFirst()) : [1] + shape.dropFirst()
    let start = rank == 4 ? origin : [0] + origin
    let extents = rank == 4 ? size : [1] + size
    return DenseArray(shape: [shape[0]] + size) { target in
      scalars.withUnsafeBufferPointer { source in
        var row = target.baseAddress!
        for channel in 0..<shape[0] {
          for z in start[0]..<start[0] + extents[0] {
            for y in start[1]..<start[1] + extents[1] {
              let offset = ((channel * volume[0] + z) * volume[1] + y) * volume[2] + start[2]
              row.initialize(from: source.baseAddress! + offset, count: extents[2])
              row += extents[2]
            }
          }
        }
      }
    }
  }
}
