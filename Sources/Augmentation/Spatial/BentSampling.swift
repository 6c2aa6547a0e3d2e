import Arrays
import HostSystem

/// Coordinates of an affine map applied to displaced voxels.
struct BentMap {
  let map: AffineMap
  /// The extents of the patch that is made, (z, y, x); one slice for two axes.
  let size: [Int]
  /// The displacement of each voxel along (z, y, x); nil along a missing axis.
  private let fields: [DenseArray<Float>?]

  init(_ map: AffineMap, fields: [DenseArray<Float>]) {
    self.map = map
    let missing = 3 - fields.count
    size = Array(repeating: 1, count: missing) + fields[0].shape
    self.fields = Array(repeating: nil, count: missing) + fields
  }

  /// Calls `body` with each voxel whose coordinates lie in an image, and these coordinates.
  func forEachVoxel(in imageSize: [Int], _ body: (Int, SIMD4<Double>) -> Void) {
    let last = lastVoxel(of: imageSize)
    var voxel = 0
    for z in 0..<size[0] {
      for y in 0..<size[1] {
        for x in 0..<size[2] {
          var position = map.coordinates(z: z, y: y, x: x)
          if let field = fields[0] { position += map.steps.z * Double(field.scalars[voxel]) }
          if let field = fields[1] { position += map.steps.y * Double(field.scalars[voxel]) }
          if let field = fields[2] { position += map.steps.x * Double(field.scalars[voxel]) }
          let isInside =
            position.x >= 0 && position.x <= last.x && position.y >= 0 && position.y <= last.y
            && position.z >= 0 && position.z <= last.z
          if isInside { body(voxel, position) }
          voxel += 1
        }
      }
    }
  }
}

/// Samples a spline at bent coordinates; 0 outside the image.
///
/// The parameters are those of `sampleSpline(_:map:imageSize:size:into:)`.
func sampleSpline(
  _ spline: SplineCoefficients, at bent: BentMap, imageSize: [Int],
  into result: UnsafeMutablePointer<Float>
) {
  let isVolume = imageSize.count == 3
  let voxels = bent.size.trustedProduct
  let images = isVolume ? 1 : spline.size[0]
  let (strideZ, strideY) = (spline.size[1] * spline.size[2], spline.size[2])
  result.initialize(repeating: 0, count: images * voxels)
  spline.values.withUnsafeBufferPointer { values in
    bent.forEachVoxel(in: imageSize) { voxel, position in
      let (z, y, x) = (
        Int(trusted: position.x), Int(trusted: position.y), Int(trusted: position.z)
      )
      let alongZ = cubicWeights(Float(position.x - Double(z)))
      let alongY = cubicWeights(Float(position.y - Double(y)))
      let alongX = cubicWeights(Float(position.z - Double(x)))
      let row = (y - 1 - spline.origin[1]) * strideY + x - 1 - spline.origin[2]
      for image in 0..<images {
        let slice = isVolume ? z - 1 - spline.origin[0] : image
        var sum = SIMD4<Float>.zero
        for level in 0..<(isVolume ? 4 : 1) {
          let corner = values.baseAddress! + (slice + level) * strideZ + row
          let weight = isVolume ? alongZ[level] : 1
          for line in 0..<4 {
            let four = UnsafeRawPointer(corner + line * strideY)
              .loadUnaligned(as: SIMD4<Float>.self)
            sum.addProduct(four, SIMD4(repeating: weight * alongY[line]))
          }
        }
        result[image * voxels + voxel] = (sum * alongX).sum()
      }
    }
  }
}

/// Samples a segmentation at bent coordinates; 0 outside the image.
///
/// The parameters are those of `sampleLabels(_:window:map:imageSize:size:images:into:)`.
func sampleLabels(
  _ labels: UnsafePointer<Int16>, window: PatchWindow, at bent: BentMap, imageSize: [Int],
  images: Int, into result: UnsafeMutablePointer<Int16>
) {
  let isVolume = imageSize.count == 3
  let extents = isVolume ? window.size : [1] + window.size
  let origin = isVolume ? window.origin : [0] + window.origin
  let count = extents.trustedProduct
  let voxels = bent.size.trustedProduct
  result.initialize(repeating: 0, count: images * voxels)
  for image in 0..<images {
    let grid = LabelGrid(labels: labels + image * count, origin: origin, size: extents)
    bent.forEachVoxel(in: imageSize) { voxel, position in
      result[image * voxels + voxel] = grid.label(at: position)
    }
  }
}
