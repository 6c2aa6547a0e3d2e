/// Turns a volume into the coefficients of its cubic spline, mirrored at the border voxels' centres.
///
/// Equal to `scipy.ndimage.spline_filter(order=3, mode='mirror')` up to single precision.
struct MirrorPrefilter {
  /// Three extents; axes of length one are left alone.
  let shape: [Int]

  private static let lanes = 32

  func run(_ scalars: inout [Float]) {
    let longest = shape.max() ?? 1
    let scratch = UnsafeMutablePointer<Double>.allocate(capacity: longest * Self.lanes)
    defer { scratch.deallocate() }
    scratch.initialize(repeating: 0, count: longest * Self.lanes)
    scalars.withUnsafeMutableBufferPointer { buffer in
      let base = buffer.baseAddress!
      let plane = shape[1] * shape[2]
      if shape[0] > 1 { filterColumns(base, length: shape[0], width: plane, scratch) }
      for z in 0..<shape[0] {
        let slice = base + z &* plane
        if shape[1] > 1 { filterColumns(slice, length: shape[1], width: shape[2], scratch) }
      }
      if shape[2] > 1 { filterRows(base, count: shape[0] * shape[1], scratch) }
    }
  }

  /// Filters along the slow axis of a plane `(length, width)`.
  private func filterColumns(
    _ plane: UnsafeMutablePointer<Float>, length: Int, width: Int,
    _ scratch: UnsafeMutablePointer<Double>
  ) {
    let gain = Float(CubicSpline.gain)
    for start in stride(from: 0, to: width, by: Self.lanes) {
      let count = min(Self.lanes, width - start)
      for row in 0..<length {
        let line = plane + (row &* width &+ start)
        let target = scratch + row &* Self.lanes
        for lane in 0..<count { target[lane] = Double(line[lane]) }
      }
      CubicSpline.prefilterWithMirror(scratch, length: length, lanes: Self.lanes)
      for row in 0..<length {
        let line = plane + (row &* width &+ start)
        let source = scratch + row &* Self.lanes
        for lane in 0..<count { line[lane] = gain * Float(source[lane]) }
      }
    }
  }

  /// Filters along the contiguous axis of `count` lines.
  private func filterRows(
    _ base: UnsafeMutablePointer<Float>, count: Int, _ scratch: UnsafeMutablePointer<Double>
  ) {
    let length = shape[2]
    let gain = Float(CubicSpline.gain)
    for start in stride(from: 0, to: count, by: Self.lanes) {
      let lines = min(Self.lanes, count - start)
      for lane in 0..<lines {
        let line = base + (start &+ lane) &* length
        for x in 0..<length { scratch[x &* Self.lanes &+ lane] = Double(line[x]) }
      }
      CubicSpline.prefilterWithMirror(scratch, length: length, lanes: Self.lanes)
      for lane in 0..<lines {
        let line = base + (start &+ lane) &* length
        for x in 0..<length { line[x] = gain * Float(scratch[x &* Self.lanes &+ lane]) }
      }
    }
  }
}
